// Owns: rolling in one direction: look, take one step, watch, again. Each step is one request to the
// rebalance workflow, under its lock and epoch. Never decides which step is next (src/core/roll).

import {
  CancellationScope,
  allHandlersFinished,
  condition,
  makeContinueAsNewFunc,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import type { RollWorkflow } from './roll-messages.js';
import type {
  RebalanceRequest,
  RollLook,
  RollWish,
  StepOutcome,
  WatchResult,
} from '../activities/types.js';
import { accidentsMax } from '../src/core/roll/crashes.js';
import { stepsMax, type RollStep } from '../src/core/roll/next-step.js';
import { call } from './proxies.js';
import { handOnRoll, runEventsMax } from './roll-handing-on.js';
import { enter, show, written, type Roll } from './roll-state.js';
import { counted, seconds } from './words.js';
import { watchDefaultMs } from './roll-words.js';

/** Steps in a row that came to nothing, for reasons that may pass: another rebalance, an outage. */
const triesMax = 3;
/** Nobody is scaled meanwhile, so a pause that was forgotten must end. */
const pauseMaxMs = 4 * 60 * 60_000;
/** In the histories of runs that began since a long one is handed on. */
const handOnPatch = 'a-long-roll-continues-as-new';

/** How rolling ended: at its end, on somebody's word, or not well. */
export type Rolled =
  | { readonly kind: 'done' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'failed'; readonly why: string };

export async function rollTo(
  roll: Roll,
  to: Pick<RollWish, 'image' | 'template'>,
  direction: 'forward' | 'back',
  isCancelled: () => boolean,
): Promise<Rolled> {
  const { service } = roll;
  roll.isSet ||= to.image === undefined && to.template === undefined;
  for (let isFirst = true; ; isFirst = false) {
    if (direction === 'forward') {
      await whilePaused(roll, isCancelled);
      if (roll.aborted !== null || isCancelled()) return { kind: 'aborted' };
    }
    // Each run takes a step, whatever is said of it.
    if (!isFirst && isLong() && !isCancelled()) await continueAsNew(roll);
    const look = await lookAt(roll, to.template);
    roll.isSet ||= to.template === look.template;
    const asked = roll.isSet ? askedBy(service, look, direction) : setTemplateWish(look, to);
    if (asked === null) return { kind: 'done' };
    if (asked === 'wait') return { kind: 'failed', why: look.why };
    if (roll.stepsTaken > 2 * stepsMax(look.home)) {
      return { kind: 'failed', why: `it was not done after ${roll.stepsTaken} steps` };
    }
    const outcome = await take(roll, asked);
    const failure = faultOf(outcome);
    if (failure === null) {
      roll.tries = 0;
      // What was planned is done; a wish that was done before is as good.
      roll.isSet = true;
    } else if (failure.kind === 'stopped') {
      roll.aborted ??= { by: 'the rebalance', reason: failure.why };
      return direction === 'forward' ? { kind: 'aborted' } : { kind: 'failed', why: failure.why };
    } else {
      roll.tries += 1;
      const isFinal = failure.kind === 'unhealthy' && direction === 'forward';
      if (isFinal || roll.tries >= triesMax) return { kind: 'failed', why: failure.why };
      continue;
    }
    if (direction === 'back' || !asked.starts) continue;
    const watched = await watch(roll, look.template);
    if (watched.kind === 'unhealthy') return { kind: 'failed', why: watched.why };
  }
}

/** The history is long, or another version of the code is current (newer servers say so). */
function isLong(): boolean {
  const { continueAsNewSuggested, targetWorkerDeploymentVersionChanged, historyLength } =
    workflowInfo();
  const isDue =
    continueAsNewSuggested || targetWorkerDeploymentVersionChanged || historyLength >= runEventsMax;
  return isDue && patched(handOnPatch);
}

/** Everything that people have said is in what is handed on. */
async function continueAsNew(roll: Roll): Promise<never> {
  await condition(allHandlersFinished);
  const next = makeContinueAsNewFunc<RollWorkflow>({
    initialVersioningBehavior: 'AUTO_UPGRADE',
    typeInfo: {}, // What is handed on are values, not payloads.
  });
  return next(roll.input, handOnRoll(roll));
}

interface Asked {
  readonly title: string;
  readonly request: Pick<RebalanceRequest, 'roll' | 'instances'>;
  /** Somebody is started by it. */
  readonly starts: boolean;
}

async function lookAt(roll: Roll, template: string | undefined): Promise<RollLook> {
  const { service, home } = roll;
  const target = template === undefined ? {} : { template };
  const summary = `who runs what, who owns what, what is next`;
  const look = await call('lookAtRoll', 'waiting', summary, { service, home, ...target });
  roll.from ??= look.former ?? look.template;
  roll.home = look.home;
  roll.to = template ?? look.template;
  Object.assign(roll, { rolled: look.rolled, of: look.home });
  Object.assign(roll, { stepsAhead: look.steps, clientsAhead: look.clientsAhead });
  show(roll);
  return look;
}

/** Null: there is nothing more to do. */
function askedBy(
  service: string,
  { next }: RollLook,
  direction: 'forward' | 'back',
): Asked | 'wait' | null {
  switch (next.kind) {
    case 'done':
      return null;
    case 'wait':
      return 'wait';
    case 'fill': {
      const { instances } = next;
      const title = `share out again among ${instances} instances`;
      return { title, request: { instances }, starts: false };
    }
    case 'step':
      return askedByStep(service, next.step, direction);
  }
}

function askedByStep(
  service: string,
  { kind, instance, to, replicas }: RollStep,
  direction: 'forward' | 'back',
): Asked {
  const name = (ordinal: number) => `${service}-${ordinal}`;
  const roll: RollWish = {
    replicas,
    ...(instance === undefined ? {} : { instance: name(instance) }),
    ...(to === undefined ? {} : { to: name(to) }),
    // The version from before was well: on the way back it gets the time that the policy gives it.
    ...(direction === 'forward' ? { endsMax: accidentsMax } : {}),
  };
  const titles: Readonly<Record<RollStep['kind'], string>> = {
    surge: `surge instance ${name(replicas - 1)}`,
    swap: `${instance} → ${to}, restart ${instance}`,
    restart: `restart ${instance}, which is empty`,
    home: `${instance} → ${to}, scale to ${replicas}`,
    remove: `scale to ${replicas}`,
  };
  const starts = kind === 'surge' || kind === 'swap' || kind === 'restart';
  return { title: titles[kind], request: { roll }, starts };
}

function setTemplateWish({ replicas }: RollLook, to: Pick<RollWish, 'image' | 'template'>): Asked {
  const title = to.image === undefined ? `template ${to.template}` : `image ${to.image}`;
  return { title, request: { roll: { replicas, ...to } }, starts: false };
}

function take(roll: Roll, { title, request }: Asked): Promise<StepOutcome> {
  const { service, input } = roll;
  roll.stepsTaken += 1;
  const asked: RebalanceRequest = {
    requestId: `roll-${workflowInfo().firstExecutionRunId}-${roll.stepsTaken}`,
    reason: `roll: ${title}`,
    source: 'roll',
    ...(input.by === undefined ? {} : { by: input.by }),
    ...request,
  };
  return written(
    roll,
    title,
    () =>
      call('rollStep', 'waiting', `${title}, by rebalance/${service}`, { service, request: asked }),
    ({ outcome, text, movedClients, failure }) => {
      roll.movedClients += movedClients;
      const state = faultOf({ outcome, text, movedClients, ...(failure && { failure }) }) === null;
      return { state: state ? 'done' : 'failed', note: `${outcome}: ${text}`, movedClients };
    },
  );
}

function watch(roll: Roll, template: string): Promise<WatchResult> {
  const { service, input } = roll;
  const { watchMs = watchDefaultMs } = input;
  return written(
    roll,
    'watch the new version',
    () =>
      call('watchRoll', 'waiting', `everybody on ${template} stays Ready for ${seconds(watchMs)}`, {
        ...{ service, template, watchMs },
      }),
    (result) => ({
      state: result.kind === 'well' ? 'done' : 'failed',
      note: result.kind === 'well' ? 'well' : result.why,
    }),
  );
}

type Fault =
  /** The version, as far as can be told. */
  | { readonly kind: 'unhealthy'; readonly why: string }
  /** It may go well the next time. */
  | { readonly kind: 'passing'; readonly why: string }
  /** A person, or something that a person must look at. */
  | { readonly kind: 'stopped'; readonly why: string };

function faultOf({ outcome, text, failure, cause }: StepOutcome): Fault | null {
  if (failure !== undefined) {
    const kind = failure.type === 'NotReady' ? 'unhealthy' : 'passing';
    return { kind, why: failure.text };
  }
  switch (outcome) {
    case 'completed':
    case 'recovered':
    case 'unnecessary':
      return null;
    case 'undone':
      return { kind: cause === 'NotReady' ? 'unhealthy' : 'passing', why: text };
    case 'refused':
      return { kind: 'passing', why: text };
    case 'rejected':
    case 'aborted':
    case 'compensation-failed':
      return { kind: 'stopped', why: text };
  }
}

async function whilePaused(roll: Roll, isCancelled: () => boolean): Promise<void> {
  if (roll.paused === null) return;
  enter(roll, 'paused');
  const goesOn = () => roll.paused === null || roll.aborted !== null || isCancelled();
  const summary = `paused by ${roll.paused.by}`;
  const went = await condition(goesOn, pauseMaxMs, { summary });
  if (!went) {
    roll.paused = null;
    roll.aborted = { by: 'evenkeel', reason: `it was paused for ${pauseMaxMs / 3_600_000} h` };
  }
  enter(roll, 'roll');
}

/** `2 of 4 instances run it`. */
export function mixText({ rolled, of }: Roll): string {
  return `${rolled} of ${counted(of, 'instance')} run it`;
}

export const shielded = <T>(run: () => Promise<T>): Promise<T> =>
  CancellationScope.nonCancellable(run);

// Owns: the two steps that only a step of a roll has: what instances are started with, and starting again
// the one that has handed over. The list they belong to: steps.ts.

import type { RollWish } from '../activities/types.js';
import { call } from './proxies.js';
import type { Step } from './saga.js';
import { planOf, refOf, situationOf, type Saga } from './state.js';
import { seconds } from './words.js';

export const template: Step = {
  phase: 'template',
  title: 'set the template',
  when: (saga) => planOf(saga).roll?.template === true,
  async run(saga) {
    const { image, template: version } = wishOf(saga);
    const to = image === undefined ? { template: version ?? '' } : { image };
    const summary = `instances are started with ${image ?? `template ${version}`} from now on; none is restarted`;
    const set = await call('setTemplate', 'quick', summary, { saga: refOf(saga), ...to });
    return `template ${set.template}`;
  },
  undo(saga) {
    const before = situationOf(saga).template;
    if (before === undefined) return undefined;
    return {
      title: `template back to ${before}`,
      async run() {
        const summary = `instances are started with template ${before} again`;
        const input = { saga: refOf(saga), template: before };
        await call('setTemplate', 'undoQuick', summary, input);
        return `template ${before}`;
      },
    };
  },
};

/** Everybody has been moved and nobody is on it: whatever becomes of it, nothing is undone. */
export const restartRolled: Step = {
  phase: 'restart',
  title: 'restart who handed over',
  onward: true,
  when: (saga) => planOf(saga).roll?.restart === true,
  async run(saga) {
    const instance = wishOf(saga).instance ?? '';
    const withinMs = situationOf(saga).bounds.instanceStartMs;
    const summary = `${instance} holds nothing: started again, Ready within ${seconds(withinMs)}`;
    // Its next life overwrites its report, and with it how many clients it told to move.
    if (saga.committed.length > 0) {
      const told = 'how many clients have moved, as long as the instance that told them is there';
      const { committed } = saga;
      saga.moved = await call('countMoves', 'onward', told, { saga: refOf(saga), committed });
    }
    const input = { saga: refOf(saga), instance, withinMs, ...endsMaxOf(saga) };
    const done = await call('restart', 'onward', summary, input);
    if (done.kind === 'ready') return `${instance} is Ready with template ${done.template}`;
    saga.failure = { type: done.kind === 'kept' ? 'StillHolds' : 'NotReady', text: done.why };
    return done.why;
  },
};

/** `messaging-0 handed over to messaging-4, and was started again`. */
export function rollText({ request, failure, plan }: Saga): string {
  const { instance, to, replicas, image, template: version } = request.roll ?? { replicas: 0 };
  const parts = [
    ...(plan?.roll?.template === true ? [`template of ${image ?? version}`] : []),
    ...(to === undefined ? [] : [`${instance} handed over to ${to}`]),
    ...(plan?.roll?.restart === true ? [`${instance} was started again`] : []),
    `${replicas} instances run`,
  ];
  const but = failure === null ? '' : `; ${failure.type}: ${failure.text}`;
  return `${parts.join(', ')}${but}`;
}

/** Of a step of a roll that asks for it: a new version that crash-loops is not waited for. */
export function endsMaxOf({ request }: Saga): Pick<RollWish, 'endsMax'> {
  const endsMax = request.roll?.endsMax;
  return endsMax === undefined ? {} : { endsMax };
}

function wishOf({ request }: Saga): RollWish {
  if (request.roll === undefined) throw new Error('a step of a roll ran without its wish');
  return request.roll;
}

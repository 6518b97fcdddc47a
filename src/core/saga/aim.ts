// Owns: what a request aims at: which ordinals shall own partitions afterwards, how many instances
// the platform then needs, and what the flow is called. A function of what is asked and what is;
// never plans ranges.
//
// Who owns and who runs are two numbers. StatefulSets run ordinals 0..n-1 and end the highest first,
// so a drained, leaving or lost instance of a lower ordinal goes on running, empty, until the next
// decision gives it partitions again.

import { instanceName, ordinalOf } from '../records.js';
import { withSpares } from './spares.js';
import { isStranger, strangersText } from './strangers.js';

export type FlowKind =
  | 'bootstrap'
  | 'grow'
  | 'shrink'
  | 'in-place'
  | 'drain'
  | 'replace'
  | 'recover'
  | 'adopt'
  | 'rollback'
  | 'roll';

export interface Question {
  readonly service: string;
  /** How many shall own partitions; undefined: all that run, or all but the drained. */
  readonly instances?: number | undefined;
  /** Names of instances that shall own nothing. */
  readonly drain: readonly string[];
  /** Names of instances that were lost, or left, while this very request was carried out. */
  readonly gone: readonly string[];
  /** Ordinals that own partitions by the latest distribution; null before the first. */
  readonly owners: readonly number[] | null;
  /** What the platform is told to run: ordinals 0..replicas-1. */
  readonly replicas: number;
  readonly limits: { readonly min: number; readonly max: number };
  /** Instances that shall run and own nothing, where the maximum leaves room for them; 0 when absent. */
  readonly spares?: number;
}

export interface Aim {
  readonly kind: FlowKind;
  /** Ordinals that shall own partitions, ascending; at least one. */
  readonly owners: readonly number[];
  /** Instances that the platform runs afterwards: the highest ordinal of interest, plus 1, and the spares. */
  readonly replicas: number;
  /** The highest ones of those that nobody waits for; absent when there are none. */
  readonly spares?: number;
}

export type Answer = Aim | { readonly kind: 'refused'; readonly why: string };

/** Answers a request of an operator or of the autoscaler. */
export function aimOf(question: Question): Answer {
  const { service, instances, drain, owners, replicas, limits, spares = 0 } = question;
  const fault = drainFault(question);
  if (fault !== undefined) return refused(fault);
  const drained = new Set(drain.map((name) => ordinalOf(name)));
  const present = owners ?? [];
  const staying = present.filter((ordinal) => !drained.has(ordinal));
  const drainOnly = drain.length > 0 && instances === undefined;
  // Spares are no owners only because they run.
  const used = spares === 0 ? replicas : Math.max(owners?.length ?? 0, replicas - spares);
  const running = owners === null ? Math.max(used, limits.min) : used;
  const count = instances ?? (drainOnly ? staying.length : clamp(running, limits));
  const outside = outsideOf(count, limits, drainOnly ? drain : []);
  if (outside !== undefined) return refused(outside);

  const wanted = drainOnly ? staying : lowest(count, drained);
  const gone = new Set(question.gone);
  const there = wanted.filter((ordinal) => !gone.has(instanceName(service, ordinal)));
  const needed = Math.max(...wanted) + 1;
  const all = withSpares(needed, { spares, max: limits.max });
  return {
    kind: flowOf(question, count),
    // Where nobody would be left, whoever was lost has to come back.
    owners: there.length === 0 ? wanted : there,
    replicas: all,
    ...(all === needed ? {} : { spares: all - needed }),
  };
}

/** Who goes on when some are gone: the other owners, and the platform as it is. */
export function recoveryOf(question: {
  readonly service: string;
  readonly gone: readonly string[];
  readonly owners: readonly number[];
  readonly replicas: number;
}): Answer {
  const { service, owners, replicas } = question;
  const gone = new Set(question.gone);
  const others = owners.filter((ordinal) => !gone.has(instanceName(service, ordinal)));
  if (others.length > 0) return { kind: 'recover', owners: others, replicas };
  const names = question.gone.join(' and ');
  const [take, is] = question.gone.length > 1 ? ['take', 'they are'] : ['takes', 'it is'];
  return refused(`nobody else owns partitions: ${names} ${take} them again when ${is} back`);
}

/** A sentence for a drain that makes no sense; undefined for any other. */
function drainFault({ service, drain, owners, replicas }: Question): string | undefined {
  if (drain.length === 0) return undefined;
  if (owners === null) return 'there is no distribution yet: nothing to drain';
  const known = Math.max(replicas, Math.max(...owners) + 1);
  const strangers = drain.filter((name) => isStranger(service, name, known));
  return strangers.length === 0 ? undefined : strangersText(service, strangers, known);
}

function outsideOf(
  count: number,
  { min, max }: Question['limits'],
  drain: readonly string[],
): string | undefined {
  if (count >= min && count <= max && count >= 1) return undefined;
  if (drain.length === 0) return `${count} instances are outside of the policy's ${min}..${max}`;
  return `without ${drain.join(' and ')} only ${count} instances own partitions, and the policy wants ${min}..${max}: say how many with instances, and others take over`;
}

/** The `count` lowest ordinals that are not drained. */
function lowest(count: number, drained: ReadonlySet<number | null>): readonly number[] {
  const ordinals: number[] = [];
  for (let ordinal = 0; ordinals.length < count; ordinal += 1) {
    if (!drained.has(ordinal)) ordinals.push(ordinal);
  }
  return ordinals;
}

function flowOf({ owners, drain }: Question, count: number): FlowKind {
  if (owners === null) return 'bootstrap';
  if (drain.length > 0) return count < owners.length ? 'drain' : 'replace';
  if (count === owners.length) return 'in-place';
  return count > owners.length ? 'grow' : 'shrink';
}

const clamp = (count: number, { min, max }: Question['limits']): number =>
  Math.min(Math.max(count, min), max);

const refused = (why: string): Answer => ({ kind: 'refused', why });

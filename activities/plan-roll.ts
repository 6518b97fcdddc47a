// Owns: the plan of one step of a roll: one instance takes over exactly what another owns, or nobody
// moves, and what else there is to do. Never restarts anything.

import { ordinalOf, type OwnedRange } from '../src/core/records.js';
import type { Aim } from '../src/core/saga/aim.js';
import type { Snapshot } from './snapshot.js';
import { heldAsPlanned, heldBy, membersOf } from './situation.js';
import type { PlanSummary, RollWish } from './types.js';

export type RollPlan =
  | { readonly kind: 'refused' | 'unnecessary'; readonly why: string }
  | {
      readonly kind: 'roll';
      readonly aim: Aim;
      readonly ranges: readonly OwnedRange[];
      readonly roll: NonNullable<PlanSummary['roll']>;
    };

export function planRoll(snapshot: Snapshot, wish: RollWish, gone: readonly string[]): RollPlan {
  const { latest, platform, view, saga } = snapshot;
  const { replicas, instance, to } = wish;
  const refused = (why: string): RollPlan => ({ kind: 'refused', why });
  if (latest === null) return refused('there is no distribution yet: nothing to roll');
  if (platform.template === undefined) {
    return refused('the platform cannot tell which version an instance runs');
  }
  const ordinal = instance === undefined ? null : ordinalOf(instance);
  const target = to === undefined ? null : ordinalOf(to);
  const owned = (one: number): boolean => latest.ranges.some(([, , owner]) => owner === one);
  if (to !== undefined) {
    if (gone.includes(to)) return refused(`${to} was lost: it can take over nothing`);
    if ((target as number) >= platform.replicas) return refused(`${to} does not run`);
    if (owned(target as number) || heldBy(view, to) > 0) {
      return refused(`${to} owns partitions: it can take over nobody else's`);
    }
  } else if (ordinal !== null && (owned(ordinal) || heldBy(view, instance as string) > 0)) {
    return refused(`${instance} owns partitions: it cannot be started again`);
  }
  const ranges = joined(
    latest.ranges.map(([from, last, owner]) =>
      target !== null && owner === ordinal ? [from, last, target] : [from, last, owner],
    ),
  );
  const owners = membersOf(ranges);
  const above = owners.find((owner) => owner >= replicas);
  if (above !== undefined) {
    return refused(`${saga.service}-${above} owns partitions: it is not removed`);
  }
  const present = platform.instances.find(({ name }) => name === instance);
  const template =
    wish.image !== undefined ||
    (wish.template !== undefined && wish.template !== platform.template);
  const restart =
    ordinal !== null &&
    ordinal < replicas &&
    (template || present?.phase !== 'ready' || present.template !== platform.template);
  const isHeld = heldAsPlanned(view, saga.service, ranges).firstWrong === null;
  if (isHeld && !template && !restart && replicas === platform.replicas) {
    return { kind: 'unnecessary', why: 'what this step of the roll is about is done already' };
  }
  return {
    kind: 'roll',
    aim: { kind: 'roll', owners, replicas },
    ranges,
    roll: { template, restart },
  };
}

/** Neighbours of one owner are one range. */
function joined(ranges: readonly (readonly [number, number, number])[]): readonly OwnedRange[] {
  const result: [number, number, number][] = [];
  for (const [from, last, owner] of ranges) {
    const before = result.at(-1);
    if (before !== undefined && before[2] === owner && before[1] + 1 === from) before[1] = last;
    else result.push([from, last, owner]);
  }
  return result;
}

// Owns: the door to the product's planner: an input for it, and its answer as owners. Everything
// here is outside of the time that is measured but planDistribution itself.
import { planDistribution } from '../../src/core/placement/plan.js';
import type { Plan, PlanInput } from '../../src/core/placement/types.js';
import type { Change } from './measures.js';
import { nameOf, ownersOf, rangesOf, type Owners } from './owners.js';

export function inputOf(change: Change, before: Owners): PlanInput {
  const { partitions, instancesBefore, instancesAfter, weights, tolerance } = change;
  const current = rangesOf(before, instancesBefore).map(
    (ranges, ordinal) => [nameOf(ordinal), ranges] as const,
  );
  return {
    partitions,
    instances: Array.from({ length: instancesAfter }, (_, ordinal) => nameOf(ordinal)),
    current: Object.fromEntries(current),
    tolerance,
    ...(weights === undefined ? {} : { weights }),
  };
}

export function planOf(input: PlanInput): Plan {
  return planDistribution(input);
}

export function answerOf(plan: Plan, partitions: number): Owners {
  return ownersOf(partitions, plan.instances);
}

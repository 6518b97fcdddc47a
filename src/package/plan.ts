// `evenkeel/plan`: who shall own which partitions, as a pure function. Needs no service, no package and
// nothing of Node: it runs in a browser too.

export { PlanInputError } from '../core/placement/check.js';
export {
  formatBar,
  formatDistribution,
  formatPlan,
  type Ownership,
} from '../core/placement/format.js';
export type { Imbalance } from '../core/placement/imbalance.js';
export { planDistribution } from '../core/placement/plan.js';
export type { Move, Plan, PlanInput, Wave } from '../core/placement/types.js';
export { partitionOf } from '../core/murmur2.js';
export type { Range, Ranges } from '../core/ranges.js';

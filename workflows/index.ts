// Owns: the workflow types that the worker offers (protocol.md §6). Nothing else.

export { autoscale } from './autoscale.js';
export { rebalance } from './rebalance.js';
export { roll } from './roll.js';

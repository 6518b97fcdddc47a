// What a deliberate mistake is: a broken machine or a broken rule, injected here and nowhere in what
// is shipped; the world in which it does harm; the property that it breaks.

import type { Machines } from '../../src/simulate/machines.js';
import type { Rules } from '../../src/simulate/explore/rules.js';
import { noFaults, shortest } from '../../src/simulate/explore/world-options.js';
import type { Budgets, WorldOptions } from '../../src/simulate/explore/world-options.js';

export interface Mistake {
  /** As in the table of docs/exploration.md. */
  readonly name: string;
  /** Invariant of ARCHITECTURE.md that it breaks. */
  readonly property:
    'SingleOwner' | 'SingleSession' | 'Monotone' | 'NoLoss' | 'NoDup' | 'NoKill' | 'Bounded';
  readonly world: WorldOptions;
  readonly machines?: Partial<Machines>;
  readonly rules?: Partial<Rules>;
}

/** A world of two instances and a partition that goes from the first to the second. */
export function world(
  name: string,
  more: Partial<Omit<WorldOptions, 'name' | 'budgets' | 'limits'>> = {},
  budgets: Partial<Budgets> = {},
): WorldOptions {
  return {
    name,
    about: '',
    instances: 2,
    partitions: 1,
    revisions: [[0], [1]],
    clients: [],
    messages: 0,
    leases: [],
    heartbeatsUnderWay: 1,
    says: [],
    leaves: [],
    sessions: 1,
    removes: false,
    checkpoints: false,
    comesToRest: false,
    ...more,
    budgets: { ...noFaults, ...budgets },
    // Clients that wait do so for ever: nothing here depends on it, and there is less to explore.
    limits: { ...shortest, parkedMs: Number.POSITIVE_INFINITY },
  };
}

/**
 * A machine with some of its methods replaced. They must find their state on `this`: exploration
 * copies machines, and a function that remembered the first of them would act on the wrong one.
 */
export function broken<T extends object>(machine: T, methods: object): T {
  return Object.assign(machine, methods);
}

/** What is private to a machine and must be reached to break it. */
export function inside<T>(machine: object): T {
  return machine as unknown as T;
}

/** A mistake outside of what is explored, shown by one deterministic story. */
export interface Scenario {
  readonly name: string;
  readonly property: Mistake['property'];
  readonly caughtBy: string;
  /** What is violated, or null. */
  readonly run: (isBroken: boolean) => Promise<string | null>;
}

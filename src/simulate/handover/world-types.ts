// What a simulated world is asked for and what it answers. Types only.

import type { EvidenceReport } from '../../core/evidence/types.js';
import type { Machines } from '../machines.js';
import type { MessageCounts } from './checker.js';
import type { FaultLevel } from './faults.js';
import type { Outcome } from './saga.js';

export interface WorldOptions {
  readonly seed: number;
  readonly rebalances: number;
  readonly clients: number;
  readonly instances: number;
  readonly partitions: number;
  readonly faults: FaultLevel;
  readonly machines?: Machines;
  readonly print?: (line: string) => void;
}

export interface Violated {
  readonly invariant: string;
  readonly text: string;
  readonly atMs: number;
  /** The last events before it, oldest first. */
  readonly story: readonly string[];
}

export interface WorldResult {
  readonly options: WorldOptions;
  readonly virtualMs: number;
  readonly events: number;
  readonly violated: Violated | null;
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  readonly faults: ReadonlyMap<string, number>;
  readonly revisions: number;
  readonly incarnations: number;
  readonly messages: MessageCounts;
  /** Gaps of clients told to move, and of clients that lost their socket. */
  readonly gapsMs: { readonly planned: readonly number[]; readonly lost: readonly number[] };
  readonly evidence: EvidenceReport | null;
}

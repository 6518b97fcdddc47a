// Owns: what is kept of a decision, and making it again from that: the same code on the same record
// gives the same decision, byte by byte as JSON. Never writes a record.

import { decide, type Decided, type Decision } from './decide.js';
import { emptyMemory, type ScalingMemory } from './memory.js';
import { completePolicy, type StoredPolicy } from './policy.js';
import type { ScalingSnapshot } from './snapshot.js';

export interface DecisionRecord {
  readonly decision: Decision;
  /** The reasons as sentences. */
  readonly text: readonly string[];
  readonly snapshot: ScalingSnapshot;
  readonly policy: StoredPolicy;
  readonly policyRevision?: number;
  /** What it was decided with, and what the next one is decided with; absent in older records. */
  readonly memory?: ScalingMemory;
  readonly after?: ScalingMemory;
}

/** What the hash of a decision is made of, as text. */
export function inputText(
  record: Pick<DecisionRecord, 'snapshot' | 'policy' | 'memory'>,
  atMs: number,
): string {
  const { snapshot, policy, memory } = record;
  return JSON.stringify({ snapshot, policy, ...(memory === undefined ? {} : { memory }), atMs });
}

/** Decides again. Records of before decisions remembered anything were made without windows. */
export function decideAgain(record: DecisionRecord, atMs: number): Decided {
  const { snapshot, memory } = record;
  const policy = completePolicy(record.policy);
  if (memory !== undefined) return decide({ snapshot, policy, memory, nowMs: atMs });
  const stabilisation = { ...policy.stabilisation, upMs: 0, downMs: 0 };
  return decide({
    snapshot,
    policy: { ...policy, stabilisation },
    memory: emptyMemory,
    nowMs: atMs,
  });
}

/** Whether it comes out as it is recorded. */
export function isReproduced(record: DecisionRecord, atMs: number): boolean {
  const again = decideAgain(record, atMs);
  if (JSON.stringify(again.decision) !== JSON.stringify(record.decision)) return false;
  return (
    record.after === undefined || JSON.stringify(again.memory) === JSON.stringify(record.after)
  );
}

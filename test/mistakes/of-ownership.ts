// Mistakes about who owns a partition: in the ownership log, in taking and in giving.

import { Goals } from '../../src/core/handover/goal.js';
import type { HandOver } from '../../src/core/handover/hand-over.js';
import type { OwnershipLog, Verdict } from '../../src/core/handover/ownership-log.js';
import type { Phase } from '../../src/core/handover/phase.js';
import type { Ends } from '../../src/core/handover/ends.js';
import type { Donor } from '../../src/core/handover/donor.js';
import type { Receiver } from '../../src/core/handover/receiver.js';
import type { Goal } from '../../src/core/handover/goal.js';
import type { ControlMessage, OwnershipChange, OwnershipRecord } from '../../src/core/records.js';
import { realMachines } from '../../src/simulate/machines.js';
import type { Machines } from '../../src/simulate/machines.js';
import { broken, inside, world } from './mistake.js';
import type { Mistake } from './mistake.js';

interface Parts {
  readonly ends: Ends;
  readonly donor: Donor;
  readonly receiver: Receiver;
}

/** A hand-over machine with one of its parts broken. */
const handOverWith =
  (breakIt: (parts: Parts) => unknown): Machines['handOver'] =>
  (...given) => {
    const machine = realMachines.handOver(...given);
    breakIt(inside<Parts>(machine));
    return machine;
  };

interface Judge {
  judge(this: OwnershipLog, record: OwnershipChange): Verdict;
}

/** An ownership log, the same on every instance, that judges otherwise. */
const logThat =
  (judge: Judge['judge']): Machines['ownershipLog'] =>
  (...given) => {
    return broken(realMachines.ownershipLog(...given), { judge });
  };

function realJudge(log: OwnershipLog, record: OwnershipChange): Verdict {
  const real = Object.getPrototypeOf(log) as Judge;
  return real.judge.call(log, record);
}

const acquireAtOnce: Pick<Receiver, 'acquireWhenFree'> = {
  acquireWhenFree(this: Receiver, partition, phase, nowMs) {
    const { ends } = inside<{ ends: Ends }>(this);
    const { log } = ends.views;
    if (phase.kind === 'warming') return;
    const { revision } = ends.goals.target as Goal;
    const last = log.last(partition);
    if (last?.incarnation === ends.self.incarnation) return;
    const record = ends.change('acquired', partition, revision, last?.offset ?? null);
    ends.append(partition, { kind: 'acquiring', record, triedAtMs: nowMs, takeBack: false });
  },
};

const move = world('move');
const moveWithClient = world('move with a client', { clients: [0] });
const lateCopies = world('move with late copies', {}, { duplicates: 1 });
const restarted = world('move with a restart', {}, { crashes: 1, restarts: 1 });
const straggler = world('a chain with a straggler', { instances: 3, revisions: [[0], [1], [2]] });

export const mistakesOfOwnership: readonly Mistake[] = [
  {
    name: 'acquires without waiting for `released`, and the log lets it',
    property: 'SingleOwner',
    world: move,
    machines: {
      ownershipLog: logThat(function (record) {
        const verdict = realJudge(this, record);
        return !verdict.valid && verdict.reason === 'held' ? { valid: true } : verdict;
      }),
      handOver: handOverWith(({ receiver }) => broken(receiver, acquireAtOnce)),
    },
  },
  {
    name: 'serves before its `acquired` is read back',
    property: 'SingleOwner',
    world: move,
    machines: {
      handOver: handOverWith(({ ends }) =>
        broken(ends, {
          append(this: Ends, partition: number, phase: Phase & { record: OwnershipChange }) {
            this.phases.set(partition, phase.kind === 'acquiring' ? { kind: 'held' } : phase);
            this.steps.append(phase.record);
          },
        }),
      ),
    },
  },
  {
    name: '`prev` of a record is not checked',
    property: 'SingleOwner',
    world: lateCopies,
    machines: {
      ownershipLog: logThat(function (record) {
        const last = this.last(record.partition);
        return realJudge(this, { ...record, prev: last === null ? null : String(last.offset) });
      }),
    },
  },
  {
    name: 'a lower revision may acquire',
    property: 'Monotone',
    world: straggler,
    machines: {
      ownershipLog: logThat(function (record) {
        const verdict = realJudge(this, record);
        return !verdict.valid && verdict.reason === 'revision' ? { valid: true } : verdict;
      }),
      handOver: handOverWith(({ receiver }) => broken(receiver, acquireAtOnce)),
    },
  },
  {
    name: 'takes back without an `acquired` of its own',
    property: 'SingleOwner',
    world: move,
    machines: {
      handOver: handOverWith(({ donor }) =>
        broken(donor, {
          takeBackWhenLate(
            this: { readonly ends: Ends; readonly limits: { readonly takeBackAfterMs: number } },
            partition: number,
            phase: Phase & { kind: 'released' },
            nowMs: number,
          ) {
            if (nowMs - phase.readAtMs < this.limits.takeBackAfterMs) return;
            this.ends.phases.set(partition, { kind: 'held' });
          },
        }),
      ),
    },
  },
  {
    name: 'an equal revision with other ranges is accepted',
    property: 'Monotone',
    world: world('a database that forgot', { conflicting: [0] }),
    machines: {
      handOver: (...given) => {
        const machine: HandOver = realMachines.handOver(...given);
        broken(machine.goals, {
          readDistribution(this: Goals, message: ControlMessage & { type: 'distribution' }) {
            if (this.target?.hash !== message.hash) this.target = null;
            const real = inside<{ readDistribution: (m: ControlMessage) => unknown }>(
              Goals.prototype,
            );
            return real.readDistribution.call(this, message);
          },
        });
        return machine;
      },
    },
  },
  {
    name: '`released` is written before the last `closed`',
    property: 'SingleSession',
    world: moveWithClient,
    machines: {
      connections: (limits) => {
        const real = realMachines.connections(limits);
        return broken(real, {
          drain(this: typeof real, ...given: Parameters<typeof real.drain>) {
            const proper = Object.getPrototypeOf(this) as typeof real;
            const drained = given[0].map((partition) => ({ kind: 'drained', partition }) as const);
            return [...proper.drain.call(this, ...given), ...drained];
          },
        });
      },
    },
  },
  {
    name: 'an append that the lapsed lease held back is not repeated',
    property: 'Bounded',
    world: world('a lease that lapses', { leases: [0], comesToRest: true }),
    machines: {
      handOver: (self, views, limits) =>
        realMachines.handOver(self, views, { ...limits, repeatAfterMs: Number.POSITIVE_INFINITY }),
    },
  },
  {
    name: 'a compacted ownership log is replayed',
    property: 'SingleOwner',
    world: restarted,
    rules: { replay: (log) => compacted(log) },
  },
];

/** What is left when only the last record of each key is kept. */
function compacted(
  log: readonly OwnershipRecord[],
): readonly (readonly [record: OwnershipRecord, offset: number])[] {
  const keyOf = (record: OwnershipRecord): string =>
    record.type === 'fenced' ? record.incarnation : String(record.partition);
  const last = new Map(log.map((record, offset) => [keyOf(record), offset]));
  return log
    .map((record, offset) => [record, offset] as const)
    .filter(([record, offset]) => last.get(keyOf(record)) === offset);
}

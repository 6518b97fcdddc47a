// Mistakes about being silent in time: in the lease, and in waiting for it.

import { Fencing } from '../../src/core/handover/fencing.js';
import { Lease } from '../../src/core/handover/lease.js';
import type { LeaseRecord } from '../../src/core/records.js';
import { realMachines } from '../../src/simulate/machines.js';
import type { Machines } from '../../src/simulate/machines.js';
import { broken, inside, world } from './mistake.js';
import type { Mistake } from './mistake.js';

const falselySuspected = world('falsely suspected', { leases: [0] }, { fences: 1 });
const zombie = world(
  'a zombie and its successor',
  { instances: 1, revisions: [[0]], leases: [0] },
  { pauses: 1, restarts: 1 },
);

interface LeaseInside {
  validUntilMs: number;
  said: boolean;
  readonly limits: { readonly ttlMs: number };
}
interface FencingInside {
  appendedAtMs: number | null;
  how: string | null;
  readonly victim: { readonly instance: string; readonly incarnation: string };
  readonly limits: { readonly ttlMs: number; readonly marginMs: number };
}

const leaseWith =
  (methods: object): Machines['lease'] =>
  (...given) =>
    broken(realMachines.lease(...given), methods);
const fencingWith =
  (methods: object): Machines['fencing'] =>
  (...given) =>
    broken(realMachines.fencing(...given), methods);

const flagged = {
  said: false,
  beat(this: Lease, nowMs: number) {
    const record = Lease.prototype.beat.call(this, nowMs);
    inside<LeaseInside>(this).said = Lease.prototype.speaks.call(this, nowMs);
    return record;
  },
  read(this: Lease, record: LeaseRecord, nowMs: number) {
    const answer = Lease.prototype.read.call(this, record, nowMs);
    inside<LeaseInside>(this).said = Lease.prototype.speaks.call(this, nowMs);
    return answer;
  },
  speaks(this: Lease): boolean {
    return inside<LeaseInside>(this).said;
  },
};

export const mistakesOfLeases: readonly Mistake[] = [
  {
    name: 'the lease counts from the read-back instead of the sending',
    property: 'SingleOwner',
    world: falselySuspected,
    machines: {
      lease: leaseWith({
        read(this: Lease, record: LeaseRecord, nowMs: number) {
          const answer = Lease.prototype.read.call(this, record, nowMs);
          const own = inside<LeaseInside>(this);
          if (record.type === 'alive' && record.incarnation === this.incarnation)
            own.validUntilMs = nowMs + own.limits.ttlMs;
          return answer;
        },
      }),
    },
  },
  {
    name: 'the lease is looked at after speaking instead of before',
    property: 'SingleOwner',
    world: falselySuspected,
    machines: { lease: leaseWith(flagged) },
  },
  {
    name: '`fenced` is written without waiting',
    property: 'SingleOwner',
    world: falselySuspected,
    machines: {
      fencing: fencingWith({
        verdict(this: Fencing) {
          const { victim } = inside<FencingInside>(this);
          return { type: 'fenced', ...victim, how: 'lease-expired' };
        },
      }),
    },
  },
  {
    name: 'the wait counts from sending the fence, not from its acknowledgement',
    property: 'SingleOwner',
    world: falselySuspected,
    machines: {
      fencing: (...given) => {
        const machine = realMachines.fencing(...given);
        machine.onAppended(0);
        return machine;
      },
    },
  },
  {
    name: 'the wait has no margin for clocks that drift',
    property: 'SingleOwner',
    world: falselySuspected,
    machines: {
      fencing: (victim, limits) => realMachines.fencing(victim, { ...limits, marginMs: 0 }),
    },
  },
  {
    name: 'the wait trusts the wall clock of the broker, which is 2 behind',
    property: 'SingleOwner',
    world: falselySuspected,
    machines: {
      fencing: fencingWith({
        onAppended(this: Fencing, nowMs: number) {
          Fencing.prototype.onAppended.call(this, nowMs - 2);
        },
      }),
    },
  },
  {
    name: 'the fence names an earlier incarnation than the one that holds',
    property: 'SingleOwner',
    world: zombie,
    machines: {
      fencing: fencingWith({
        fence(this: Fencing, by: string) {
          const { victim } = inside<FencingInside>(this);
          return { type: 'fence', incarnation: `${victim.instance}#0`, by };
        },
      }),
    },
  },
];

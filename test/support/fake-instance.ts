// An Instance that does what a test tells it: welcomes, parks or redirects by hand, may speak or not.
// Keeps what it was told, for the test to look at.

import type { GapCause } from '../../src/core/handover/told-gap.js';
import type { ClosedReason } from '../../src/core/records.js';
import type { ClientIdentity, Instance, ServiceConnection } from '../../src/instance/api.js';

export interface Admission {
  readonly identity: ClientIdentity;
  readonly revision: number | null;
  readonly connection: ServiceConnection;
}

export interface FakeInstance extends Instance {
  readonly admissions: Admission[];
  readonly closes: { readonly connection: ServiceConnection; readonly reason: ClosedReason }[];
  readonly gaps: {
    readonly revision: number;
    readonly gapMs: number;
    readonly cause?: GapCause | undefined;
  }[];
  /** What happens on `admit`; welcomes at revision 7 by default. */
  onAdmit: (admission: Admission) => void;
  speaks: boolean;
  end: (how: 'fenced' | 'stopped' | 'left') => void;
}

export function createFakeInstance(name = 'messaging-1'): FakeInstance {
  let end: FakeInstance['end'] = () => undefined;
  const ended = new Promise<'fenced' | 'stopped' | 'left'>((resolve) => {
    end = resolve;
  });
  const admissions: Admission[] = [];
  const fake: FakeInstance = {
    service: 'messaging',
    name,
    incarnation: 'life-1',
    admissions,
    closes: [],
    gaps: [],
    speaks: true,
    end: (how) => end(how),
    ended,
    onAdmit: ({ connection }) =>
      connection.welcome({ connection: `connection-${admissions.length}`, revision: 7 }),
    state: () => 'ready',
    admit: (identity, revision, connection) => {
      const admission = { identity, revision, connection };
      admissions.push(admission);
      fake.onAdmit(admission);
    },
    closed: (connection, reason) => {
      fake.closes.push({ connection, reason });
    },
    maySpeak: () => fake.speaks,
    leaseGood: () => fake.speaks,
    recordGap: (revision, gapMs, cause) => {
      fake.gaps.push({ revision, gapMs, cause });
    },
    leave: async () => end('left'),
    stop: async () => end('stopped'),
    status: () => ({
      state: 'ready',
      revision: 7,
      epoch: 1,
      held: 16,
      warm: 0,
      parked: 0,
      clients: 0,
      leaseGood: fake.speaks,
    }),
  };
  return fake;
}

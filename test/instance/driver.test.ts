// A client is welcomed by the lease as it is when its `opened` has been acknowledged, not as it was
// when it came: meanwhile the lease may have lapsed.
import { expect, it } from 'vitest';
import { Connections } from '../../src/core/handover/connections.js';
import type { HandOver } from '../../src/core/handover/hand-over.js';
import type { ServiceConnection } from '../../src/instance/api.js';
import { Driver, type Effects } from '../../src/instance/driver.js';
import type { OutboxEntry } from '../../src/instance/outbox.js';

const alice = { partition: 0, user: 'alice', client: 'web', session: 'a', sessionAtMs: 1 };

/** A driver whose instance holds partition 0; evidence waits until the test acknowledges it. */
function startDriver() {
  const lease = { good: true };
  const said: string[] = [];
  const evidence: OutboxEntry[] = [];
  const nothing = (): void => undefined;
  const effects: Effects = {
    nowMs: () => 0,
    leaseGood: () => lease.good,
    newConnectionId: () => 'c1',
    ownership: { add: nothing, resume: nothing },
    evidence: { add: (entry) => evidence.push(entry), resume: nothing },
    ownershipRecord: () => ({ topic: 'ownership', partition: 0, value: '' }),
    sessionRecord: () => ({ topic: 'sessions', partition: 0, value: '' }),
    ...{ warm: nothing, forget: nothing, fence: nothing, answerWarmed: nothing },
    ...{ report: nothing, alarm: nothing },
  };
  const handOver: Pick<HandOver, 'holds' | 'admission'> = {
    holds: () => true,
    admission: () => ({ kind: 'serve', revision: 1 }),
  };
  const driver = new Driver(
    { instance: 's-0', incarnation: 'one' },
    {
      handOver: handOver as HandOver,
      connections: new Connections({ parkedMs: 1_000, parkedClientsMax: 10 }),
      gaps: { left: nothing },
    },
    effects,
  );
  const connection = new Proxy({} as ServiceConnection, {
    get: (_, name) => () => void said.push(String(name)),
  });
  driver.admit(alice, null, connection);
  return { lease, said, acknowledge: () => evidence.shift()?.onAcknowledged?.() };
}

it('welcomes when the lease is good at the acknowledgement', () => {
  const { said, acknowledge } = startDriver();
  expect(said).toEqual([]);
  acknowledge();
  expect(said).toEqual(['welcome']);
});

it('refuses when the lease has lapsed meanwhile', () => {
  const { lease, said, acknowledge } = startDriver();
  lease.good = false;
  acknowledge();
  expect(said).toEqual(['refuse']);
});

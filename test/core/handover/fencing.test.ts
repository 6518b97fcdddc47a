import { describe, expect, it } from 'vitest';
import { Fencing } from '../../../src/core/handover/fencing.js';
import { Lease } from '../../../src/core/handover/lease.js';
import { seeded } from '../../support/seeded.js';

const limits = { ttlMs: 2_000, marginMs: 500 };
const victim = { instance: 's-0', incarnation: 'a' };
const fencing = (): Fencing => new Fencing(victim, limits);

describe('fencing', () => {
  it('says nothing before its own append is acknowledged, whatever it hears', () => {
    const of = fencing();
    of.onProcessEnded();
    of.onLeaseRecord({ type: 'fence-acknowledged', incarnation: 'a' });
    expect(of.verdict(1e9)).toBeNull();
  });

  it('is over when the victim acknowledged', () => {
    const of = fencing();
    of.onAppended(0);
    of.onLeaseRecord({ type: 'fence-acknowledged', incarnation: 'b' });
    expect(of.verdict(1)).toBeNull();
    of.onLeaseRecord({ type: 'fence-acknowledged', incarnation: 'a' });
    expect(of.verdict(1)).toEqual({ type: 'fenced', ...victim, how: 'acknowledged' });
  });

  it('is over when that very process has ended', () => {
    const of = fencing();
    of.onAppended(0);
    of.onProcessEnded();
    expect(of.verdict(1)?.how).toBe('process-ended');
  });

  it('is over TTL + margin after the append was acknowledged, not before', () => {
    const of = fencing();
    of.onAppended(1_000);
    expect(of.verdict(3_499)).toBeNull();
    expect(of.verdict(3_500)?.how).toBe('lease-expired');
  });

  it('a repeated acknowledgement of the append does not lengthen the wait', () => {
    const of = fencing();
    of.onAppended(1_000);
    of.onAppended(3_000);
    expect(of.waitUntilMs()).toBe(3_500);
  });

  it.each([1, 2, 3, 4, 5])(
    'seed %i: whatever the lag, nobody speaks once the verdict is there',
    (seed) => {
      const random = seeded(seed);
      for (let run = 0; run < 2_000; run += 1) {
        const lease = new Lease('s-0', 'a', { ttlMs: limits.ttlMs, lapseMaxMs: 1e9 });
        const fenceAtMs = random.below(5_000);
        // The log: heartbeats appended some lag after they were sent, the fence in between.
        const log = Array.from({ length: 12 }, (_, i) => {
          const sentMs = i * 500;
          const record = lease.beat(sentMs);
          if (record === null) throw new Error('no heartbeat');
          return { record, sentMs, appendedMs: sentMs + random.below(1_500) };
        }).sort((x, y) => x.appendedMs - y.appendedMs);
        const of = fencing();
        of.onAppended(fenceAtMs + random.below(300));
        const silentFromMs = of.waitUntilMs() ?? 0;
        for (const { record, appendedMs } of log) {
          if (appendedMs > fenceAtMs) break;
          lease.read(record, appendedMs + random.below(4_000));
        }
        expect(lease.speaks(silentFromMs), `seed ${seed}, run ${run}`).toBe(false);
      }
    },
  );
});

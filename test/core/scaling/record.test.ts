import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/core/scaling/decide.js';
import { emptyMemory } from '../../../src/core/scaling/memory.js';
import { policyDefaults, type StoredPolicy } from '../../../src/core/scaling/policy.js';
import {
  decideAgain,
  isReproduced,
  type DecisionRecord,
} from '../../../src/core/scaling/record.js';
import { seeded } from '../../support/seeded.js';
import { decideOnce, nowMs, policy, snapshot } from './given.js';

const json = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('a recorded decision', () => {
  it('comes out with the same bytes when it is made again, eight hours of them one after the other', () => {
    const random = seeded(5);
    const by = policy({
      instances: { min: 1, max: 12 },
      stabilisation: { urgentShare: 0.3 },
      balanceBy: 'clients',
      disruption: { clientsPerHour: 400 },
      steps: { up: { count: 2, percent: 50, periodMs: 600_000 }, down: null },
      floors: [
        { from: '20:00', to: '22:00', zone: 'Europe/Berlin', instances: 5, aheadMs: 60_000 },
      ],
      freezes: [{ from: '03:00', to: '04:00', zone: 'UTC', allows: 'growth' }],
    });
    let memory = emptyMemory;
    let instances = 3;
    let lastChangeAtMs: number | null = null;
    let acts = 0;
    for (let tick = 0; tick < 1_920; tick += 1) {
      const atMs = nowMs + tick * 15_000;
      const swing = 250 + 200 * Math.sin(tick / 200);
      const each = Array.from({ length: instances }, () =>
        Math.round((swing / instances) * (0.8 + 0.4 * random.next())),
      );
      const seen = snapshot(random.next() < 0.01 ? each.slice(1) : each, {
        members: each.map((_, i) => `messaging-${i}`),
        lastChangeAtMs,
      });
      const decided = decide({ snapshot: seen, policy: by, memory, nowMs: atMs });
      const { decision, memory: after } = decided;
      const record = json<DecisionRecord>({
        decision,
        text: [],
        snapshot: seen,
        policy: by,
        memory,
        after,
      });
      expect(isReproduced(record, atMs)).toBe(true);
      memory = json(after);
      if (decision.kind !== 'act') continue;
      acts += 1;
      lastChangeAtMs = atMs;
      instances = decision.desired ?? instances;
    }
    expect(acts).toBeGreaterThan(5);
  });

  it('is found out when anything in it was changed', () => {
    const seen = snapshot([110, 95]);
    const decision = decideOnce(seen, policy());
    const { memory: after } = decide({
      snapshot: seen,
      policy: policy(),
      memory: emptyMemory,
      nowMs,
    });
    const record = {
      decision,
      text: [],
      snapshot: seen,
      policy: policy(),
      memory: emptyMemory,
      after,
    };
    expect(isReproduced(record, nowMs)).toBe(true);
    expect(isReproduced({ ...record, snapshot: snapshot([110, 80]) }, nowMs)).toBe(false);
    expect(isReproduced({ ...record, decision: { ...decision, desired: 4 } }, nowMs)).toBe(false);
    expect(isReproduced(record, nowMs + 1)).toBe(false);
  });

  it('of before policies had windows and memories is made again without them', () => {
    const { hysteresis, cooldownMs, cooldownAfterUndoMs, stepMax, sampleMaxAgeMs } = policyDefaults;
    const older: StoredPolicy = {
      service: 'messaging',
      partitions: 360,
      instances: { min: 2, max: 4 },
      clientsPerInstance: { upper: 100, lower: 40, target: 70 },
      ...{ hysteresis, cooldownMs, cooldownAfterUndoMs, stepMax, sampleMaxAgeMs },
    };
    const seen = snapshot([30, 30, 30]);
    expect(
      decideAgain(
        { decision: decideOnce(seen, policy()), text: [], snapshot: seen, policy: older },
        nowMs,
      ).decision,
    ).toEqual({
      kind: 'act',
      desired: 2,
      reasons: [{ kind: 'below-lower', perInstance: 30, lower: 40, clients: 90, instances: 3 }],
    });
  });
});

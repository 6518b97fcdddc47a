import { describe, expect, it } from 'vitest';
import { decide as decideWith, type ScalingSnapshot } from '../../../src/core/scaling/decide.js';
import { emptyMemory } from '../../../src/core/scaling/memory.js';
import { policyFault } from '../../../src/core/scaling/policy.js';
import { reasonText } from '../../../src/core/scaling/reasons.js';
import { decideOnce as decide, kinds, policy, samples, snapshot } from './given.js';

const nowMs = 1_000_000;

describe('decide', () => {
  it('acts on the first distribution as soon as the minimum is ready', () => {
    const decision = decide(snapshot([], { members: null, ready: 3 }), policy(), nowMs);
    expect(decision).toEqual({
      kind: 'act',
      desired: 3,
      reasons: [{ kind: 'bootstrap', ready: 3, min: 2 }],
    });
  });

  it('waits for instances before the first distribution', () => {
    const decision = decide(snapshot([], { members: null, ready: 1 }), policy(), nowMs);
    expect(decision).toEqual({
      kind: 'skip',
      reasons: [{ kind: 'waiting-for-instances', ready: 1, min: 2 }],
    });
  });

  const fresh = (told: ScalingSnapshot['told'], changes: Partial<ScalingSnapshot> = {}) =>
    snapshot([], { members: null, ready: 1, ...(told && { told }), ...changes });

  it('asks for the minimum when the platform was told to run fewer before the first distribution', () => {
    const decision = decide(fresh({ replicas: 1, byOthers: false }), policy(), nowMs);
    expect(decision).toEqual({
      kind: 'act',
      desired: 2,
      reasons: [{ kind: 'told-below-min', replicas: 1, min: 2 }],
    });
    expect(decision.reasons.map(reasonText)[0]).toMatch(
      /platform runs 1 instance: .* minimum is 2$/,
    );
  });

  it('goes at once to a minimum that is more than a step away: nobody is moved yet', () => {
    const five = policy({ instances: { min: 5, max: 8 } });
    expect(decide(fresh({ replicas: 0, byOthers: false }), five, nowMs).desired).toBe(5);
  });

  it('waits for instances that the platform was told to run already', () => {
    const decision = decide(fresh({ replicas: 2, byOthers: false }), policy(), nowMs);
    expect(decision.kind).toBe('skip');
    expect(kinds(decision)).toEqual(['waiting-for-instances']);
  });

  it('does not change back what somebody else told the platform', () => {
    const decision = decide(fresh({ replicas: 1, byOthers: true }), policy(), nowMs);
    expect(decision.kind).toBe('skip');
    expect(kinds(decision)).toEqual(['told-by-others', 'waiting-for-instances']);
  });

  it('asks for the first instances again only when the cooldown after an undo is over', () => {
    const undone = { lastChangeUndone: true, lastChangeAtMs: nowMs - 299_999 };
    const early = fresh({ replicas: 1, byOthers: false }, undone);
    const decision = decide(early, policy(), nowMs);
    expect(decision.kind).toBe('skip');
    expect(kinds(decision)).toEqual(['cooldown-after-undo', 'told-below-min']);
    expect(decision.wakeAtMs).toBe(nowMs + 1);
    expect(decide(early, policy(), nowMs + 1).kind).toBe('act');
  });

  it('asks for no instances while a rebalance runs', () => {
    const running = fresh({ replicas: 1, byOthers: false }, { rebalanceRunning: true });
    expect(kinds(decide(running, policy(), nowMs))).toEqual(['rebalance-running']);
  });

  it('decides the same again from its record, also from one without what the platform was told', () => {
    const made = fresh({ replicas: 1, byOthers: false });
    const again = JSON.parse(JSON.stringify(made)) as ScalingSnapshot;
    expect(decide(again, policy(), nowMs)).toEqual(decide(made, policy(), nowMs));
    const old = decide(fresh(undefined), policy(), nowMs);
    expect(old).toEqual({
      kind: 'skip',
      reasons: [{ kind: 'waiting-for-instances', ready: 1, min: 2 }],
    });
  });

  it('grows by one above the upper threshold', () => {
    const decision = decide(snapshot([110, 95]), policy(), nowMs);
    expect(decision.kind).toBe('act');
    expect(decision.desired).toBe(3);
    expect(decision.reasons).toEqual([
      { kind: 'above-upper', perInstance: 102.5, upper: 100, clients: 205, instances: 2 },
    ]);
  });

  it('grows even when the target says that the present number would do', () => {
    const decision = decide(
      snapshot([101, 101]),
      policy({ clientsPerInstance: { upper: 100, lower: 40, target: 100 } }),
      nowMs,
    );
    expect(decision.desired).toBe(3);
  });

  it('takes a large jump one step at a time and says so', () => {
    const decision = decide(snapshot([300, 300]), policy({ instances: { min: 2, max: 9 } }), nowMs);
    expect(decision.desired).toBe(3);
    expect(decision.reasons.at(-1)).toEqual({ kind: 'limited-by-step', wanted: 9, stepMax: 1 });
  });

  it('takes larger steps where the policy allows them', () => {
    const decision = decide(
      snapshot([300, 300]),
      policy({ stepMax: 3, instances: { min: 2, max: 9 } }),
      nowMs,
    );
    expect(decision.desired).toBe(5);
  });

  it('does not grow past the maximum', () => {
    const decision = decide(snapshot([150, 150, 150, 150]), policy(), nowMs);
    expect(decision.kind).toBe('skip');
    expect(kinds(decision)).toEqual(['limited-by-step', 'limited-by-max', 'above-upper']);
  });

  it('shrinks by one below the lower threshold', () => {
    const decision = decide(snapshot([30, 30, 30]), policy(), nowMs);
    expect(decision).toEqual({
      kind: 'act',
      desired: 2,
      reasons: [{ kind: 'below-lower', perInstance: 30, lower: 40, clients: 90, instances: 3 }],
    });
  });

  it('does not shrink past the minimum', () => {
    const decision = decide(snapshot([5, 5]), policy(), nowMs);
    expect(decision.kind).toBe('skip');
    expect(kinds(decision)).toEqual(['limited-by-min', 'below-lower']);
  });

  it('does not shrink when what remains would be near the upper threshold', () => {
    const narrow = policy({ clientsPerInstance: { upper: 100, lower: 65, target: 90 } });
    const decision = decide(snapshot([64, 64, 64]), narrow, nowMs);
    expect(decision.kind).toBe('skip');
    expect(decision.reasons[0]).toEqual({
      kind: 'would-flap',
      perInstance: 96,
      bound: 90,
      instances: 2,
    });
  });

  it('does nothing within the thresholds and says why', () => {
    const decision = decide(snapshot([70, 60]), policy(), nowMs);
    expect(decision).toEqual({
      kind: 'skip',
      reasons: [
        {
          kind: 'within-thresholds',
          perInstance: 65,
          lower: 40,
          upper: 100,
          clients: 130,
          instances: 2,
        },
      ],
    });
  });

  it('never shrinks while a sample is missing', () => {
    const decision = decide(snapshot([10, 10, 10], { samples: samples(10, 10) }), policy(), nowMs);
    expect(decision.kind).toBe('skip');
    expect(kinds(decision)).toEqual([
      'no-shrink-on-missing-samples',
      'below-lower',
      'sample-missing',
    ]);
  });

  it('never shrinks on a stale sample', () => {
    const stale = [...samples(10, 10), { instance: 'messaging-2', clients: 10, ageMs: 15_001 }];
    const decision = decide(snapshot([10, 10, 10], { samples: stale }), policy(), nowMs);
    expect(decision.kind).toBe('skip');
    expect(kinds(decision)).toEqual([
      'no-shrink-on-missing-samples',
      'below-lower',
      'sample-stale',
    ]);
  });

  it('grows on what is known, counting who is missing as the mean of the others', () => {
    const decision = decide(snapshot([120, 0], { samples: samples(120) }), policy(), nowMs);
    expect(decision.desired).toBe(3);
    expect(decision.reasons[0]).toMatchObject({ kind: 'above-upper', clients: 240 });
  });

  it('takes no number for one that nobody can have measured, so that its memory stays JSON', () => {
    const decided = decideWith({
      snapshot: snapshot([60, 1e308]),
      policy: policy({ stabilisation: { upMs: 0, downMs: 300_000, urgentShare: 0.3 } }),
      memory: emptyMemory,
      nowMs,
    });
    expect(kinds(decided.decision)).toContain('sample-invalid');
    expect(decided.decision.kind).toBe('skip');
    expect(JSON.parse(JSON.stringify(decided))).toEqual(decided);
    const odd = snapshot([60, 60], { sessions: Number.NaN });
    const read = JSON.parse(JSON.stringify(odd)) as typeof odd;
    expect(decide(read, policy())).toEqual(decide(odd, policy()));
  });

  it('does nothing without any sample', () => {
    const decision = decide(snapshot([0, 0], { samples: [] }), policy(), nowMs);
    expect(kinds(decision)).toEqual(['no-samples', 'sample-missing', 'sample-missing']);
  });

  it('waits out the cooldown after a change and says until when', () => {
    const recent = snapshot([110, 110], { lastChangeAtMs: nowMs - 20_000 });
    const decision = decide(recent, policy(), nowMs);
    expect(decision.kind).toBe('skip');
    expect(decision.wakeAtMs).toBe(nowMs + 40_000);
    expect(decision.reasons[0]).toEqual({ kind: 'cooldown', sinceMs: 20_000, cooldownMs: 60_000 });
    expect(decide(recent, policy(), nowMs + 40_000).kind).toBe('act');
  });

  it('waits longer after a change that was undone', () => {
    const undone = snapshot([110, 110], {
      lastChangeAtMs: nowMs - 100_000,
      lastChangeUndone: true,
    });
    expect(decide(undone, policy(), nowMs).reasons[0]).toEqual({
      kind: 'cooldown-after-undo',
      sinceMs: 100_000,
      cooldownMs: 300_000,
    });
  });

  it('does nothing while a rebalance runs', () => {
    expect(decide(snapshot([500, 500], { rebalanceRunning: true }), policy(), nowMs)).toEqual({
      kind: 'skip',
      reasons: [{ kind: 'rebalance-running' }],
    });
  });

  it('sorts out what a terminated rebalance left, whatever the load and the cooldown', () => {
    const left = snapshot([70, 60], { unfinished: 'messaging@7', lastChangeAtMs: nowMs - 1 });
    expect(decide(left, policy(), nowMs)).toEqual({
      kind: 'act',
      desired: 2,
      reasons: [{ kind: 'unfinished-rebalance', rebalance: 'messaging@7' }],
    });
  });

  it('moves into the limits of a changed policy', () => {
    expect(decide(snapshot([1]), policy(), nowMs)).toMatchObject({ kind: 'act', desired: 2 });
    const above = decide(snapshot([50, 50, 50, 50, 50]), policy(), nowMs);
    expect(above).toMatchObject({ kind: 'act', desired: 4, reasons: [{ kind: 'above-max' }] });
  });

  it('has a sentence with its numbers for every reason', () => {
    const decision = decide(snapshot([110, 95]), policy(), nowMs);
    expect(decision.reasons.map(reasonText)).toEqual([
      '102.5 users per instance are above 100 (205 on 2)',
    ]);
  });
});

describe('policyFault', () => {
  it('names the field that contradicts another', () => {
    expect(policyFault(policy())).toBeUndefined();
    expect(policyFault(policy({ instances: { min: 5, max: 4 } }))?.field).toBe('instances.min');
    expect(policyFault(policy({ instances: { min: 2, max: 361 } }))?.field).toBe('instances.max');
    const inverted = policy({ clientsPerInstance: { upper: 100, lower: 70, target: 70 } });
    expect(policyFault(inverted)).toEqual({
      field: 'clientsPerInstance.lower',
      found: 70,
      allowed: 'less than target (70)',
    });
    expect(
      policyFault(policy({ clientsPerInstance: { upper: 60, lower: 10, target: 70 } }))?.field,
    ).toBe('clientsPerInstance.target');
  });
});

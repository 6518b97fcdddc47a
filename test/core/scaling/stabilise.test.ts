import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { decide, type Decision } from '../../../src/core/scaling/decide.js';
import { emptyMemory, type ScalingMemory } from '../../../src/core/scaling/memory.js';
import type { Recommendation } from '../../../src/core/scaling/recommend.js';
import { stabilise, windowsOf } from '../../../src/core/scaling/stabilise.js';
import { seeded } from '../../support/seeded.js';
import { normal, walk } from './constant-load.js';
import { kinds, nowMs, policy, snapshot } from './given.js';

const windows = { upMs: 60_000, downMs: 300_000, urgentShare: 0.3 };
const patient = policy({ instances: { min: 2, max: 20 }, stabilisation: windows });

/** One decision every 15 s, with so many clients on each of `instances` that stay as they are. */
function decisions(instances: number, clientsEach: readonly number[]): Decision[] {
  let memory = emptyMemory;
  return clientsEach.map((each, tick) => {
    const seen = snapshot(new Array<number>(instances).fill(each));
    const decided = decide({
      snapshot: seen,
      policy: patient,
      memory,
      nowMs: nowMs + tick * 15_000,
    });
    memory = decided.memory;
    return decided.decision;
  });
}

describe('stabilising', () => {
  it('counts windows in evaluations where the policy names none', () => {
    const { stabilisation } = policy({ stabilisation: { urgentShare: 0.3 } });
    expect(windowsOf(policy({ stabilisation }))).toEqual({ upMs: 60_000, downMs: 300_000 });
    const often = policy({ stabilisation, scheduleEveryMs: 1_000 });
    expect(windowsOf(often)).toEqual({ upMs: 4_000, downMs: 20_000 });
  });

  it('grows only when every evaluation of the window wanted it, and says when that can be', () => {
    const made = decisions(3, [70, 110, 110, 110, 110, 110]);
    expect(made.map(({ kind }) => kind)).toEqual(['skip', 'skip', 'skip', 'skip', 'skip', 'act']);
    expect(kinds(made[1] as Decision)).toEqual(['stabilised-up', 'above-upper']);
    // The 70 were in force until the second evaluation.
    expect(made[1]?.wakeAtMs).toBe(nowMs + 15_000 + 60_000);
  });

  it('waits a window and no longer where the clock goes back', () => {
    const step = { policy: patient, snapshot: snapshot([110, 110, 110]) };
    const hourLater = nowMs + 3_600_000;
    let { memory } = decide({
      policy: patient,
      snapshot: snapshot([70, 70, 70]),
      memory: emptyMemory,
      nowMs: hourLater,
    });
    const made: string[] = [];
    for (let tick = 0; tick < 5; tick += 1) {
      const decided = decide({ ...step, memory, nowMs: nowMs + tick * 15_000 });
      ({ memory } = decided);
      made.push(decided.decision.kind);
    }
    expect(made).toEqual(['skip', 'skip', 'skip', 'skip', 'act']);
  });

  it('grows to the least that was wanted meanwhile', () => {
    const made = decisions(3, [70, 128, 110, 128, 128, 128]);
    expect(made.at(-1)).toMatchObject({ kind: 'act', desired: 4 });
    expect(made.at(-1)?.reasons).toContainEqual({
      kind: 'stabilised-up',
      wanted: 6,
      kept: 5,
      windowMs: 60_000,
    });
  });

  it('waits for nothing when the load is far above the threshold, or nothing is known before', () => {
    const [, jump] = decisions(3, [70, 140]);
    expect(jump).toMatchObject({ kind: 'act', desired: 4 });
    expect(kinds(jump as Decision)).toContain('urgent');
    expect(decisions(3, [110])[0]).toMatchObject({ kind: 'act', desired: 4 });
  });

  it('shrinks only after the whole window, also when it has only begun to look', () => {
    const made = decisions(4, new Array<number>(21).fill(20));
    expect(made.map(({ kind }) => kind)).toEqual([...new Array<string>(20).fill('skip'), 'act']);
    expect(kinds(made[0] as Decision)).toEqual(['stabilised-down', 'below-lower']);
    expect(made[0]?.wakeAtMs).toBe(nowMs + 300_000);
  });

  it('one high evaluation within the window holds a shrink', () => {
    const load = new Array<number>(25).fill(20);
    load[10] = 70;
    expect(decisions(4, load).every(({ kind }) => kind === 'skip')).toBe(true);
  });

  it('does not shrink right after evaluations were missed: who was not looked at is not low', () => {
    const high = decide({
      snapshot: snapshot([70, 70, 70]),
      policy: patient,
      memory: emptyMemory,
      nowMs,
    });
    const later = nowMs + 3_600_000;
    const low = { snapshot: snapshot([20, 20, 20]), policy: patient, memory: high.memory };
    expect(kinds(decide({ ...low, nowMs: later }).decision)[0]).toBe('stabilised-down');
    // Growing needs no such proof: what was low an hour ago says nothing.
    const more = { ...low, snapshot: snapshot([110, 110, 110]) };
    expect(decide({ ...more, nowMs: later }).decision.kind).toBe('act');
  });

  it('keeps as much as there are different numbers, and the extremes of its windows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 20 })), {
          minLength: 1,
          maxLength: 60,
        }),
        (steps) => {
          let memory: ScalingMemory = emptyMemory;
          const held: { fromMs: number; instances: number }[] = [];
          let atMs = nowMs;
          for (const [instances, seconds] of steps) {
            atMs += seconds * 1_000;
            held.push({ fromMs: atMs, instances });
            const wish: Recommendation = {
              instances,
              source: 'threshold',
              urgent: null,
              reasons: [],
            };
            const quick = {
              ...patient,
              stabilisation: { upMs: 20_000, downMs: 50_000, urgentShare: 1 },
            };
            memory = stabilise(wish, 5, memory, quick, atMs).memory;
            // By the definition: each stands until the next, the last until now.
            const within = held.filter((_, i) => (held[i + 1]?.fromMs ?? Infinity) > atMs - 50_000);
            const before = held[0] !== undefined && held[0].fromMs > atMs - 50_000 ? [5] : [];
            const most = Math.max(...before, ...within.map((one) => one.instances));
            expect(memory.most[0]?.[1]).toBe(most);
            expect(memory.most.length).toBeLessThanOrEqual(9);
            expect(memory.least.length).toBeLessThanOrEqual(9);
          }
        },
      ),
    );
  });
});

describe('on constant load with 5 % noise', () => {
  const ticks = (30 * 86_400) / 15;
  const roomy = { upper: 1_000, lower: 300, target: 700 };
  const narrow = { upper: 1_000, lower: 500, target: 800 };
  // Loads at the beginning, as a share of the upper threshold: around both, between, below, above.
  const worlds = [
    { instances: 2, share: 0.97, band: roomy, seed: 1 },
    { instances: 2, share: 0.49, band: narrow, seed: 2 },
    { instances: 3, share: 0.29, band: narrow, seed: 3 },
    { instances: 7, share: 0.7, band: roomy, seed: 4 },
    { instances: 7, share: 0.31, band: roomy, seed: 5 },
    { instances: 19, share: 1.02, band: narrow, seed: 6 },
    { instances: 60, share: 0.97, band: roomy, seed: 7 },
    { instances: 60, share: 0.29, band: roomy, seed: 8 },
  ];

  it.each(worlds)(
    'nothing is scaled after the first change for 30 days: %o',
    ({ instances, share, band, seed }) => {
      const random = seeded(seed);
      const total = instances * band.upper * share;
      const steady = policy({
        instances: { min: 1, max: 360 },
        clientsPerInstance: band,
        stepMax: 360,
        stabilisation: { urgentShare: 0.3 },
      });
      const load = () => Math.max(0, total * (1 + 0.05 * normal(() => random.next())));
      const events = walk({ policy: steady, instances, ticks, load });
      expect(events.slice(1)).toEqual([]);
    },
  );
});

describe('after a step of the load', () => {
  it.each([
    { from: 4, load: 30_000, stepMax: 1 },
    { from: 4, load: 30_000, stepMax: 3 },
    { from: 4, load: 30_000, stepMax: 100 },
    { from: 40, load: 2_500, stepMax: 1 },
    { from: 40, load: 2_500, stepMax: 7 },
  ])('the target is reached in the fewest steps that the limits allow: %o', (world) => {
    const { from, stepMax } = world;
    const target = 700;
    const stepped = policy({
      instances: { min: 1, max: 100 },
      clientsPerInstance: { upper: 1_000, lower: 300, target },
      stepMax,
      stabilisation: { urgentShare: 0.3 },
    });
    const load = (tick: number) => (tick < 40 ? from * target : world.load);
    const events = walk({ policy: stepped, instances: from, ticks: 2_000, load });
    const to = Math.ceil(world.load / target);
    expect(events.at(-1)?.to).toBe(to);
    expect(events).toHaveLength(Math.ceil(Math.abs(to - from) / stepMax));
  });
});

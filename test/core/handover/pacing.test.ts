// How donors share a receiver: the arithmetic of turns, and what it means when many of them give at
// once.
import { describe, expect, it } from 'vitest';
import { Lanes, type Candidates } from '../../../src/core/handover/lanes.js';
import { closingMs, nextWave, turnOf } from '../../../src/core/handover/pacing.js';

const pace = { clientsPerWave: 500, acceptPerSecond: 1_000, partitionsPerWave: 64 };

describe('the turn of a donor', () => {
  it('is now, without slots, when all donors together send no more than a wave', () => {
    const turn = turnOf(6, { count: 3, before: 2 }, { ...pace, clientsPerWave: 25 });
    expect(turn).toEqual({ firstMs: 0, atATime: null, everyMs: 0 });
  });

  it('comes by its place when one partition of each were too much at once', () => {
    const of = (before: number) => turnOf(512, { count: 20, before }, pace);
    expect([0, 1, 19].map((before) => of(before).firstMs)).toEqual([0, 500, 9_500]);
    expect(of(7)).toMatchObject({ atATime: 1, everyMs: 10_000 });
  });

  it('is the same for donors whose partitions differ a little', () => {
    const turns = [490, 512, 540].map((clients) => turnOf(clients, { count: 20, before: 3 }, pace));
    expect(new Set(turns.map((turn) => JSON.stringify(turn))).size).toBe(1);
  });

  it('is shared by as many as make a wave', () => {
    const turn = turnOf(100, { count: 20, before: 7 }, pace);
    expect(turn).toEqual({ firstMs: 500, atATime: 6, everyMs: 2_000 });
  });

  it('takes more slots for a partition of several waves', () => {
    expect(turnOf(1_500, { count: 2, before: 1 }, pace)).toMatchObject({ firstMs: 1_500 });
  });
});

describe('a wave', () => {
  it('has at least one partition, and no more clients than its share', () => {
    const clientsOf = (p: number) => [300, 100, 200][p] ?? 0;
    expect(nextWave([0, 1, 2], 1, pace, clientsOf)).toEqual([0, 1]);
    expect(nextWave([0, 1, 2], 10, pace, clientsOf)).toEqual([0]);
  });

  it('keeps a donor busy as long as its receiver', () => {
    expect(closingMs(400, pace)).toBe(400);
  });
});

describe('the lanes of a donor', () => {
  const given = (over: Partial<Candidates>): Candidates => ({
    revision: 2,
    byLane: new Map([[9, [1, 2]]]),
    donorsOf: () => ({ count: 1, before: 0 }),
    clientsOf: () => 512,
    pace,
    ...over,
  });

  it('wait for their turn, and keep their slots from then on', () => {
    const lanes = new Lanes();
    const view = given({ donorsOf: () => ({ count: 4, before: 2 }) });
    expect(lanes.start(100, () => view)).toEqual([]);
    expect(lanes.start(1_099, () => view)).toEqual([]);
    expect(lanes.start(1_110, () => view)).toMatchObject([{ lane: 9, partitions: [1] }]);
    lanes.finished(1);
    const rest = given({ ...view, byLane: new Map([[9, [2]]]) });
    expect(lanes.start(3_099, () => rest)).toEqual([]);
    expect(lanes.start(3_100, () => rest)).toMatchObject([{ lane: 9, partitions: [2] }]);
  });

  it('do not all start at once when one donor has many', () => {
    const lanes = new Lanes();
    const byLane = new Map(Array.from({ length: 40 }, (_, lane) => [lane, [lane]] as const));
    expect(lanes.start(0, () => given({ byLane })).length).toBe(1);
    expect(lanes.nextAtMs()).toBe(512);
    expect(lanes.start(511, () => given({ byLane })).length).toBe(0);
    expect(lanes.start(512, () => given({ byLane })).length).toBe(1);
  });

  it('take turns anew after a hold, in which every slot has passed', () => {
    const lanes = new Lanes();
    const view = given({ donorsOf: () => ({ count: 4, before: 2 }) });
    expect(lanes.start(0, () => view)).toEqual([]);
    lanes.takeTurnsAnew();
    expect(lanes.start(60_000, () => view)).toEqual([]);
    expect(lanes.start(61_000, () => view).length).toBe(1);
  });

  it('take turns anew with every revision', () => {
    const lanes = new Lanes();
    const second = (revision: number) =>
      given({ revision, donorsOf: () => ({ count: 2, before: 1 }) });
    expect(lanes.start(0, () => second(2))).toEqual([]);
    expect(lanes.start(500, () => second(2)).length).toBe(1);
    lanes.finished(1);
    lanes.stir();
    expect(lanes.start(60_000, () => second(3))).toEqual([]);
    expect(lanes.start(60_500, () => second(3)).length).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import { stepNames, timelineOf } from '../../../bench/handover/timeline.js';
import type { LogTimes } from '../../../bench/handover/evidence.js';

const step = {
  user: 'ada',
  device: 0,
  disconnectedAtMs: 1_000,
  destroyedAtMs: 1_001,
  dialledAtMs: 1_002,
  openedAtMs: 1_010,
  helloAtMs: 1_011,
  welcomedAtMs: 1_060,
};
const times: LogTimes = {
  // Bob is of the same partition: it is drained when the last one has gone.
  closed: new Map([
    ['ada/phone', { partition: 7, atMs: 1_005 }],
    ['bob/phone', { partition: 7, atMs: 1_015 }],
    ['cyn/phone', { partition: 8, atMs: 1_500 }],
  ]),
  opened: new Map([['ada/phone', { partition: 7, atMs: 1_050 }]]),
  released: new Map([[7, 1_020]]),
  acquired: new Map([[7, 1_035]]),
};

describe('the timeline of a move', () => {
  it('follows the last closed of the partition, then the log, then the client', () => {
    const steps = timelineOf([step], times);
    expect(Object.keys(steps)).toEqual(stepNames);
    expect(stepNames.map((name) => steps[name]?.p50)).toEqual([
      15, 5, 15, 15, 10, 1, 1, 8, 1, 49, 60,
    ]);
    const way = stepNames.slice(0, 5).reduce((sum, name) => sum + (steps[name]?.p50 ?? 0), 0);
    expect(way).toBe(steps['told → welcome']?.p50);
  });

  it('leaves out a client of whom one side knows nothing', () => {
    const steps = timelineOf([{ ...step, user: 'dan' }], times);
    expect(steps['told → welcome']).toEqual({ p50: 0, p99: 0, max: 0 });
  });
});

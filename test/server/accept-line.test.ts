// The line of verified clients: in the order in which they came, as fast as the instance takes them.
import { expect, it } from 'vitest';
import { createAcceptLine } from '../../src/server/accept-line.js';

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

it('serves in the order of coming, also with late timers, and refuses beyond the longest wait', () => {
  let nowMs = 0;
  let timers: Timer[] = [];
  const clock = { monotonicMs: () => nowMs, wallMs: () => nowMs };
  const line = createAcceptLine(
    { perSecond: 10, burst: 2, waitMaxMs: 300 },
    clock,
    (run, afterMs) => {
      const timer = { atMs: nowMs + afterMs, run };
      timers.push(timer);
      return () => void (timers = timers.filter((other) => other !== timer));
    },
  );
  const served: string[] = [];
  const enter = (who: string): boolean => line.enter(() => served.push(`${who} at ${nowMs}`));
  const refused = [...'abcdefg'].filter((who) => !enter(who));
  expect(refused).toEqual(['f', 'g']);
  expect(served).toEqual(['a at 0', 'b at 0']);

  const fire = (atMs: number): void => {
    nowMs = atMs;
    const due = timers.filter((timer) => timer.atMs <= nowMs);
    timers = timers.filter((timer) => !due.includes(timer));
    for (const { run } of due) run();
  };
  fire(100);
  expect(served.at(-1)).toBe('c at 100');
  // The timer of d is late: e is due as well, and z, who comes before it fires, does not overtake.
  nowMs = 1_000;
  expect(enter('z')).toBe(true);
  fire(1_001);
  expect(served.slice(3)).toEqual(['d at 1001', 'e at 1001', 'z at 1001']);

  expect(enter('last')).toBe(true);
  line.close();
  expect(timers).toEqual([]);
});

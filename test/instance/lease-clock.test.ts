// Clocks that jump: asleep counts as elapsed, set back changes nothing and hides nothing later.
import { describe, expect, it } from 'vitest';
import { leaseClock } from '../../src/instance/lease-clock.js';

function clocks() {
  let monotonic = 1_000;
  let wall = 1_700_000_000_000;
  const now = leaseClock({ monotonicMs: () => monotonic, wallMs: () => wall });
  return {
    now,
    run: (ms: number) => {
      monotonic += ms;
      wall += ms;
      return now();
    },
    /** The machine sleeps: the monotonic clock stands still. */
    sleep: (ms: number) => {
      wall += ms;
      return now();
    },
    set: (ms: number) => {
      wall += ms;
      return now();
    },
    nonsense: () => {
      wall = NaN;
      return now();
    },
  };
}

describe('the clock of a lease', () => {
  it('runs with the monotonic clock', () => {
    const clock = clocks();
    expect(clock.run(500)).toBe(1_500);
    expect(clock.run(500)).toBe(2_000);
  });

  it('counts a sleep as elapsed, every one of them', () => {
    const clock = clocks();
    expect(clock.sleep(10_000)).toBe(11_000);
    expect(clock.run(100)).toBe(11_100);
    expect(clock.sleep(5_000)).toBe(16_100);
  });

  it('does not go back when the wall clock is set back', () => {
    const clock = clocks();
    clock.run(100);
    expect(clock.set(-3_600_000)).toBe(1_100);
    expect(clock.run(400)).toBe(1_500);
  });

  it('sees a sleep after the wall clock was set back', () => {
    const clock = clocks();
    clock.set(-3_600_000);
    clock.run(1_000);
    expect(clock.sleep(4_000)).toBe(6_000);
  });

  it('takes small corrections of the wall clock for what they are', () => {
    const clock = clocks();
    for (let n = 0; n < 50; n += 1) {
      clock.set(n % 2 === 0 ? 60 : -60);
      clock.run(10);
    }
    expect(clock.now()).toBe(1_500);
  });

  it('goes on by the monotonic clock when the wall clock says nonsense', () => {
    const clock = clocks();
    clock.nonsense();
    expect(clock.run(5_000)).toBe(6_000);
  });
});

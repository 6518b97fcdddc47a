// What is asked once: a console that was started during an outage, or before the stack was up, comes back.
import { describe, expect, it } from 'vitest';
import { createContext } from '../../src/cli/context.js';
import { keptFor, once } from '../../src/cli/once.js';

describe('what is opened once', () => {
  let nowMs = 0;
  const counted = (answer: (nth: number) => Promise<string>) => {
    let nth = 0;
    return () => answer((nth += 1));
  };

  it('is opened once by all who ask, and kept', async () => {
    const ask = once(
      counted(async (nth) => `open ${nth}`),
      () => nowMs,
    );
    expect(await Promise.all([ask(), ask()])).toEqual(['open 1', 'open 1']);
    nowMs += 3_600_000;
    expect(await ask()).toBe('open 1');
  });

  it('is tried again after a failure, and not by each question of one command', async () => {
    const ask = once(
      counted(async (nth) => {
        if (nth === 1) throw new Error(`away ${nth}`);
        return `open ${nth}`;
      }),
      () => nowMs,
    );
    await expect(ask()).rejects.toThrow('away 1');
    nowMs += 4_999;
    await expect(ask()).rejects.toThrow('away 1');
    nowMs += 1;
    expect(await Promise.all([ask(), ask()])).toEqual(['open 2', 'open 2']);
  });

  it('is read again where it is kept for a while', async () => {
    const ask = keptFor(
      1_000,
      counted(async (nth) => `read ${nth}`),
      () => nowMs,
    );
    expect(await ask()).toBe('read 1');
    nowMs += 999;
    expect(await ask()).toBe('read 1');
    nowMs += 1;
    expect(await ask()).toBe('read 2');
  });
});

it('what the local stack did not say yet is found once it does', async () => {
  let said: Record<string, string> = {};
  const context = createContext({
    ...{ options: {}, env: {}, stackKeptMs: 0 },
    stackEnv: async () => said,
  });
  expect(await context.find('EVENKEEL_SUPERVISOR_URL')).toBeUndefined();
  said = { EVENKEEL_SUPERVISOR_URL: 'http://127.0.0.1:1' };
  expect(await context.find('EVENKEEL_SUPERVISOR_URL')).toBe('http://127.0.0.1:1');
});

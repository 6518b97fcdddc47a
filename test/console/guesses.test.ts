// Who may try a token: so many wrong ones of one address in a minute, and then none, not even the right one.
import { describe, expect, it } from 'vitest';
import { createGuesses, whenceOf } from '../../src/console/guesses.js';
import { consoleGuessersMax, consoleGuessesPerMinuteMax } from '../../src/console/limits.js';

const exhaust = (guesses: ReturnType<typeof createGuesses>, whence: string, atMs: number) => {
  for (let i = 0; i < consoleGuessesPerMinuteMax; i += 1) guesses.wasWrong(whence, atMs);
};

describe('guesses', () => {
  it('of one address are looked at so often in a minute, and again after it', () => {
    const guesses = createGuesses();
    exhaust(guesses, 'a', 0);
    expect([guesses.mayTry('a', 59_999), guesses.mayTry('b', 0)]).toEqual([false, true]);
    expect(guesses.mayTry('a', 60_000)).toBe(true);
    guesses.wasWrong('a', 60_000);
    expect(guesses.mayTry('a', 60_001)).toBe(true);
  });

  it('of more addresses than are remembered push out the oldest alone', () => {
    const guesses = createGuesses();
    exhaust(guesses, 'oldest', 0);
    exhaust(guesses, 'second', 0);
    for (let i = 0; i < consoleGuessersMax - 1; i += 1) guesses.wasWrong(`one-${i}`, 1);
    expect([guesses.mayTry('oldest', 2), guesses.mayTry('second', 2)]).toEqual([true, false]);
  });
});

describe('from where somebody tries', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '::ffff:203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s is %s', (address, whence) => {
    expect(whenceOf(address, undefined)).toBe(whence);
  });

  it('a person whom the proxy has named is that person, from wherever', () => {
    expect(whenceOf('203.0.113.7', 'ada')).toBe(whenceOf('203.0.113.8', 'ada'));
  });
});

import { describe, expect, it } from 'vitest';
import { isStranger, strangersText } from '../../../src/core/saga/strangers.js';

describe('a name', () => {
  it.each<[string, string, number, boolean]>([
    ['of the highest that is known is no stranger’s', 'm-2', 3, false],
    ['of an ordinal above it is', 'm-3', 3, true],
    ['of another service is', 'x-1', 3, true],
    ['that is written in another way is', 'm-01', 3, true],
    ['without an ordinal is', 'm', 3, true],
    ['is a stranger’s where nobody is known', 'm-0', 0, true],
  ])('%s: %s of %i', (_what, name, known, expected) => {
    expect(isStranger('m', name, known)).toBe(expected);
  });
});

describe('strangers', () => {
  it.each<[readonly string[], number, string]>([
    [['m-9'], 3, 'm-9 is not an instance of m: there are m-0..m-2'],
    [['m-8', 'm-9'], 1, 'm-8 and m-9 are not instances of m: there is only m-0'],
    [['m-0'], 0, 'm-0 is not an instance of m: there are none'],
  ])('%j are said to be none, and who there is: %i', (names, known, text) => {
    expect(strangersText('m', names, known)).toBe(text);
  });
});

import { expect, it } from 'vitest';
import { namesText } from '../../activities/names.js';

it('names a few instances, and says how many more there are', () => {
  const names = Array.from({ length: 200 }, (_, i) => `m-${i}`);
  expect(namesText(names)).toBe('m-0, m-1, m-2, m-3, m-4, m-5 and 194 more');
  expect(namesText(names.slice(0, 6))).toBe('m-0, m-1, m-2, m-3, m-4, m-5');
  expect(namesText([])).toBe('');
});

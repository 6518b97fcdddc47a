// Warm spares in virtual time.
import { expect, it } from 'vitest';
import { WarmSpares } from '../../src/lab/spares.js';

it('are taken first, and their successors are Ready after a start', () => {
  const spares = new WarmSpares(2);
  expect(spares.take(1, 0, 100, 10)).toBe(1);
  expect(spares.running).toBe(2);
  // One is Ready, one is starting.
  expect(spares.take(3, 50, 100, 10)).toBe(1);
  expect(spares.running).toBe(2);
  expect(spares.take(2, 99, 100, 10)).toBe(0);
  expect(spares.take(2, 100, 100, 10)).toBe(1);
  expect(spares.take(9, 1_000, 100, 10)).toBe(2);
});

it('are no more than there is room for below the maximum', () => {
  const spares = new WarmSpares(2);
  expect(spares.take(2, 0, 100, 1)).toBe(2);
  expect(spares.running).toBe(1);
  expect(new WarmSpares(0).take(5, 0, 100, 10)).toBe(0);
});

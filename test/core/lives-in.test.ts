import { expect, it } from 'vitest';
import { livesIn } from '../../src/core/records.js';

const pod = '6f1c6a5e-0a4d-4f6e-9a51-0d9a6a2f1b11';

it('an incarnation lives in the process that the platform calls by its name', () => {
  expect(livesIn('uid-1.3f2a', { uid: 'uid-1' })).toBe(true);
  expect(livesIn('uid-1.3f2a', { uid: 'uid-2' })).toBe(false);
  expect(livesIn('uid-1.3f2a', { uid: 'uid' })).toBe(false);
});

it('on Kubernetes in one of its pod, which the platform calls by its container', () => {
  const instance = { uid: `${pod}-0123456789ab`, pod };
  expect(livesIn(`${pod}-deadbeef.3f2a`, instance)).toBe(true);
  const another = '00000000-0000-4000-8000-000000000000';
  expect(livesIn(`${another}-deadbeef.3f2a`, instance)).toBe(false);
  expect(livesIn(`${pod}0-deadbeef.3f2a`, instance)).toBe(false);
});

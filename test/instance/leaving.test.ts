// An instance that was told to end: drained by the control plane, or by itself when nobody answers.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { leaveInOrder } from '../../src/instance/leaving.js';
import { leaveAloneWithinMs, leaveUnansweredMs } from '../../src/limits.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const withinMs = 25_000;

function given() {
  const is = { answered: false, empty: false, living: true };
  const done: string[] = [];
  let hurry: (how: unknown) => void = () => undefined;
  const over = leaveInOrder({
    withinMs,
    nowMs: () => Date.now(),
    hurried: new Promise((resolve) => (hurry = resolve)),
    announce: () => done.push('announced'),
    isAnswered: () => is.answered,
    isEmpty: () => is.empty,
    giveAway: () => done.push('gives away'),
    living: () => is.living,
  });
  let how: string | null = null;
  void over.then((found) => (how = found));
  return { is, done, hurry: () => hurry('now'), pass: vi.advanceTimersByTimeAsync, how: () => how };
}

it('serves on until it is drained', async () => {
  const { is, done, pass, how } = given();
  await pass(leaveUnansweredMs - 1_000);
  is.answered = true;
  await pass(6_000);
  expect([done, how()]).toEqual([['announced'], null]);
  is.empty = true;
  await pass(100);
  expect([done, how()]).toEqual([['announced'], 'drained']);
});

it('gives everything away by itself when nobody answers', async () => {
  const { is, done, pass, how } = given();
  await pass(leaveUnansweredMs - 100);
  expect(done).toEqual(['announced']);
  await pass(200);
  expect(done).toEqual(['announced', 'gives away']);
  is.empty = true;
  await pass(100);
  expect(how()).toBe('alone');
});

it('gives the rest away by itself when the time for that has come, once', async () => {
  const { is, done, pass, how } = given();
  is.answered = true;
  await pass(withinMs - leaveAloneWithinMs - 100);
  expect(done).toEqual(['announced']);
  await pass(leaveAloneWithinMs - 100);
  expect([done, how()]).toEqual([['announced', 'gives away'], null]);
  await pass(300);
  expect(how()).toBe('late');
});

it('does not wait to be drained when it is hurried', async () => {
  const { done, hurry, pass } = given();
  await pass(1_000);
  hurry();
  await pass(100);
  expect(done).toEqual(['announced', 'gives away']);
});

it('ends at once when it holds nothing, and when it is fenced', async () => {
  const empty = given();
  empty.is.empty = true;
  await empty.pass(100);
  expect(empty.how()).toBe('drained');
  const fenced = given();
  fenced.is.living = false;
  await fenced.pass(100);
  expect(fenced.how()).toBe('late');
});

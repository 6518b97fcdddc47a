import { ApiException } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { classOf, createAsking, refusal } from '../../../src/adapters/kubernetes/call.js';

const answer = (code: number, headers: Record<string, string> = {}) =>
  new ApiException(code, 'x', { message: `no: ${code}` }, headers);

/** Answers one after the other, a virtual clock, and the waits in between. */
function server(answers: readonly (Error | string)[]) {
  let nowMs = 0;
  let asked = 0;
  const waits: number[] = [];
  const asking = createAsking(
    'https://cluster.test',
    async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
    () => nowMs,
  );
  const repeats: boolean[] = [];
  const call = () =>
    asking({
      what: 'to list pods in chat',
      ask: async () => {
        const found = answers[Math.min(asked, answers.length - 1)];
        asked += 1;
        if (found instanceof Error) throw found;
        return found;
      },
      onRepeat: (maybeDone) => repeats.push(maybeDone),
    });
  return { call, waits, repeats, asked: () => asked };
}

describe('a question to the API server', () => {
  it('waits as long as 429 says, and knows that nothing was done', async () => {
    const { call, waits, repeats } = server([answer(429, { 'retry-after': '2' }), 'done']);
    expect(await call()).toBe('done');
    expect([waits, repeats]).toEqual([[2_000], [false]]);
  });

  it('is repeated after 5xx and broken connections with growing waits: it may have been done', async () => {
    const { call, waits, repeats } = server([
      answer(503),
      new Error('ECONNRESET'),
      answer(500),
      'done',
    ]);
    expect(await call()).toBe('done');
    expect(repeats).toEqual([true, true, true]);
    expect(waits[2]).toBeGreaterThan(waits[0] ?? 0);
  });

  it('ends within its bound, naming server, question and reason', async () => {
    const { call, waits } = server([new Error('connect ECONNREFUSED')]);
    await expect(call()).rejects.toThrow(
      'the Kubernetes API server does not answer at https://cluster.test to list pods in chat: connect ECONNREFUSED',
    );
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(15_000);
  });

  it('does not repeat what the server refused', async () => {
    for (const [code, kind] of [
      [403, 'denied'],
      [404, 'absent'],
      [409, 'raced'],
      [422, 'refused'],
    ] as const) {
      const { call, asked } = server([answer(code)]);
      await expect(call()).rejects.toMatchObject({ code });
      expect(asked()).toBe(1);
      expect(classOf(answer(code))).toEqual({ kind, message: `no: ${code}` });
    }
  });

  it('never comes back sooner than its own wait, whatever 429 says', async () => {
    const { call, waits } = server([answer(429, { 'retry-after': '0' })]);
    await expect(call()).rejects.toThrow('does not answer');
    expect(waits.length).toBeLessThan(20);
    expect(waits[0]).toBeGreaterThanOrEqual(50);
  });

  it('asks a server that does not know us a few times more, then takes its word', async () => {
    const back = server([answer(401), 'done']);
    expect(await back.call()).toBe('done');
    expect(back.repeats).toEqual([false]);
    const { call, asked } = server([answer(401)]);
    const error = await call().catch((found: unknown) => found);
    expect(error).toMatchObject({ code: 401 });
    expect(asked()).toBe(4);
    expect(classOf(error).kind).toBe('denied');
    expect(refusal(error, 'to list pods in chat', 'a Role').message).toMatch(
      /^Kubernetes does not know who asks to list pods in chat/,
    );
  });
});

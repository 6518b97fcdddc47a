import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, toPayloads, type Payload } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import type { RebalanceRequest } from '../../activities/types.js';
import { payloadCodec } from '../../src/payload-codec.js';
import { handOn, mayHandOn, type Unfinished } from '../../workflows/handing-on.js';
import { readInput } from '../../workflows/input-reading.js';
import { openOutcomes, outcomeOf } from '../../workflows/outcomes.js';
import { readRequest } from '../../workflows/request-reading.js';
import { queuedRequestsMax } from '../../workflows/requests.js';

const payloadMaxBytes = 2_048;
const service = 'messaging';
const codec = payloadCodec(new Map([['newest', randomBytes(32)]]));

const bytesOfPayload = ({ data, metadata }: Payload): number =>
  [data, ...Object.values(metadata ?? {})].reduce((sum, part) => sum + (part?.length ?? 0), 0);

/** As they stand in the history, without encryption and with it. */
async function sizesOf(args: readonly unknown[]): Promise<readonly number[]> {
  const plain = toPayloads(defaultPayloadConverter, ...args) ?? [];
  return [...plain, ...(await codec.encode(plain))].map(bytesOfPayload);
}

function request(i: number, reason: string): RebalanceRequest {
  const names = Array.from({ length: 6 }, (_, k) => `${service}-${i * 10 + k}`);
  const said = { requestId: `request-${i}`, source: 'operator', by: 'ada', reason, drain: names };
  const read = readRequest(said, () => '', service);
  expect(read.fault).toBeUndefined();
  return read.request;
}

function unfinished(waiting: number, text: string): Unfinished {
  const outcomes = openOutcomes([], 0);
  const requests = Array.from({ length: queuedRequestsMax }, (_, i) => request(i, text));
  for (const one of requests) outcomes.add(outcomeOf(one, 'undone', text));
  for (const one of requests) outcomes.addNotBegun(outcomeOf(one, 'refused', text));
  return { service, waiting: requests.slice(0, waiting), outcomes, undone: text };
}

const readBack = ([input, ...waiting]: readonly unknown[]) =>
  readInput(input, waiting, `rebalance/${service}`, () => true);

describe('what a run hands on', () => {
  it.each([
    ['short', 'for the match'],
    ['long', 'before the match '.repeat(40)],
    ['of characters of four bytes', '𝄞'.repeat(400)],
    ['of characters that JSON writes out', '"\u0001'.repeat(100)],
  ])('is in payloads under 2 KB, with texts %s, and is read back whole', async (_which, text) => {
    for (let waiting = 0; waiting <= queuedRequestsMax; waiting += 1) {
      const run = unfinished(waiting, text.slice(0, 100));
      const args = handOn(run);
      expect(Math.max(...(await sizesOf(args)))).toBeLessThan(payloadMaxBytes);
      const read = readBack(args);
      expect(read).toMatchObject({ service, pending: run.waiting, notBegun: 16, notes: [] });
      expect(read?.undone).not.toBe('');
      expect(read?.outcomes.length).toBeGreaterThan(0);
    }
    const longest = handOn(unfinished(queuedRequestsMax, text));
    expect(Math.max(...(await sizesOf(longest)))).toBeLessThan(payloadMaxBytes);
  });

  it('stands in the first argument as far as it fits: older workers read no other', () => {
    const few = { ...unfinished(0, 'undone'), waiting: [request(1, 'few'), request(2, 'few')] };
    const [input, ...others] = handOn(few);
    expect(input.pending).toEqual(few.waiting);
    expect(others).toEqual([]);
    expect(handOn(unfinished(queuedRequestsMax, 'many')).length).toBeGreaterThan(2);
  });

  it('makes room in the first argument for the longest request, beside what is over', () => {
    const longest = unfinished(1, '𝄞'.repeat(100));
    const [input, ...others] = handOn(longest);
    expect(input.pending).toEqual(longest.waiting);
    expect(others).toEqual([]);
  });

  it('waits until it fits into the first argument, but not until the server ends the run', () => {
    const history = { historyLength: 5_000, historySize: 5_000_000 };
    const [few, many] = [1, queuedRequestsMax].map((n) => handOn(unfinished(n, 'many')));
    expect(mayHandOn(few ?? [{ service }], history)).toBe(true);
    expect(mayHandOn(many ?? [{ service }], history)).toBe(false);
    expect(mayHandOn(many ?? [{ service }], { ...history, historyLength: 20_000 })).toBe(true);
    expect(mayHandOn(many ?? [{ service }], { ...history, historySize: 20_000_000 })).toBe(true);
  });
});

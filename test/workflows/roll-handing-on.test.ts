import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { payloadCodec } from '../../src/payload-codec.js';
import { handOnRoll, readRollHandedOn } from '../../workflows/roll-handing-on.js';
import type { RollStepRecord } from '../../workflows/roll-messages.js';
import type { Roll } from '../../workflows/roll-state.js';

const payloadMaxBytes = 2_048;
const codec = payloadCodec(new Map([['newest', randomBytes(32)]]));
const bytesOfPayload = ({ data, metadata }: Payload): number =>
  [data, ...Object.values(metadata ?? {})].reduce((sum, part) => sum + (part?.length ?? 0), 0);

const step = (at: number, note: string): RollStepRecord => ({
  ...{ title: `${at} → ${at - 1}, restart ${at}`, state: at % 7 === 3 ? 'failed' : 'done', note },
  ...{ startedAtMs: 1_795_000_000_000 + at, tookMs: 12_345, movedClients: 100 + at },
});
const roll = (words: string, more: Partial<Roll> = {}): Roll => ({
  ...{ service: 'messaging', input: { service: 'messaging' }, phase: 'roll', result: null },
  ...{ from: 'template-1', to: 'template-2', rolledTo: null, home: 100, rolled: 60, of: 100 },
  ...{ movedClients: 6_000, stepsAhead: 42, clientsAhead: 4_200, stepsTaken: 61 },
  ...{ tries: 1, isSet: true, back: null, paused: null, aborted: null },
  steps: Array.from({ length: 24 }, (_, at) => step(at, words)),
  ...more,
});
const everything = (words: string): Partial<Roll> => ({
  back: { why: words, outcome: 'aborted' },
  rolledTo: 'template-2',
  paused: { by: words, reason: words },
  aborted: { by: words, reason: words, back: true },
});
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('what a run of a roll hands on', () => {
  it('is where it stands, with the last steps', () => {
    const before = roll('completed: messaging-1 handed over', {
      paused: { by: 'ada', reason: 'lunch' },
    });
    const { steps = [], ...read } = readRollHandedOn(throughJson(handOnRoll(before))) ?? {};
    expect(read).toEqual({
      ...{
        from: 'template-1',
        to: 'template-2',
        rolledTo: null,
        home: 100,
        movedClients: 6_000,
        stepsTaken: 61,
      },
      ...{ tries: 1, isSet: true, back: null, paused: { by: 'ada', reason: 'lunch' } },
      aborted: null,
    });
    expect(steps.length).toBeGreaterThan(3);
    expect(steps).toEqual(before.steps.slice(-steps.length));
  });

  it('says why it goes back, and whether somebody wanted that', () => {
    const back = { why: 'messaging-3 is not Ready', outcome: 'aborted' } as const;
    const aborted = { by: 'ada', back: true };
    const read = readRollHandedOn(throughJson(handOnRoll(roll('', { back, aborted }))));
    expect(read).toMatchObject({ back, aborted });
  });

  it.each([
    ['long', 'why and because of what '.repeat(40)],
    ['of characters of four bytes', '𝄞'.repeat(400)],
    ['of characters that JSON writes out', '"\u0001'.repeat(200)],
  ])('is in a payload under 2 KB with words %s, also encrypted', async (_which, words) => {
    const handed = handOnRoll(roll(words, everything(words)));
    const plain = defaultPayloadConverter.toPayload(handed);
    const sizes = [plain, ...(await codec.encode([plain]))].map(bytesOfPayload);
    expect(Math.max(...sizes)).toBeLessThan(payloadMaxBytes);
    expect(readRollHandedOn(throughJson(handed))).toMatchObject({ stepsTaken: 61, home: 100 });
  });

  it('is nothing at the first run, and whatever stands there instead is left out', () => {
    expect(readRollHandedOn(undefined)).toBeNull();
    expect(readRollHandedOn('roll')).toBeNull();
    expect(readRollHandedOn([])).toBeNull();
    const nothing = {
      ...{
        from: null,
        to: null,
        rolledTo: null,
        home: null,
        movedClients: 0,
        stepsTaken: 0,
        tries: 0,
      },
      ...{ isSet: false, back: null, paused: null, aborted: null, steps: [] },
    };
    const wrong = {
      home: -1,
      movedClients: 'many',
      tries: 1.5,
      back: {},
      steps: [7, { title: 1 }],
    };
    expect(readRollHandedOn(wrong)).toEqual(nothing);
    fc.assert(
      fc.property(fc.object(), (said) => {
        const read = readRollHandedOn(said);
        expect(Object.keys(read ?? {}).sort()).toEqual(Object.keys(nothing).sort());
      }),
    );
  });
});

import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataConverterOf, parsePayloadKeys, payloadCodec } from '../src/payload-codec.js';

const key = () => randomBytes(32).toString('base64');
const [first, second] = [`a:${key()}`, `b:${key()}`];
const secret = { user: 'ada', token: 'very secret' };
const payload = defaultPayloadConverter.toPayload(secret);

describe('the payload codec', () => {
  it('gives back what it was given, whatever that is', async () => {
    const codec = payloadCodec(parsePayloadKeys(first));
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.dictionary(fc.string(), fc.uint8Array()),
        async (data, metadata) => {
          const [back] = await codec.decode(await codec.encode([{ data, metadata }]));
          expect(Buffer.from(back?.data ?? [])).toEqual(Buffer.from(data));
          expect(Object.keys(back?.metadata ?? {}).sort()).toEqual(Object.keys(metadata).sort());
        },
      ),
    );
  });

  it('shows nothing of a payload, and never the same bytes twice', async () => {
    const codec = payloadCodec(parsePayloadKeys(first));
    const [one, two] = await codec.encode([payload, payload]);
    expect(Buffer.from(one?.data ?? []).includes('very secret')).toBe(false);
    expect(one?.data).not.toEqual(two?.data);
  });

  it('reads what an older key or none wrote, and writes with the newest', async () => {
    const old = payloadCodec(parsePayloadKeys(first));
    const both = payloadCodec(parsePayloadKeys(`${second},${first}`));
    const decoded = await both.decode([...(await old.encode([payload])), payload]);
    for (const one of decoded) expect(defaultPayloadConverter.fromPayload(one)).toEqual(secret);
  });

  it('leaves what it cannot read to whoever wants it, who fails with a sentence', async () => {
    const old = payloadCodec(parsePayloadKeys(first));
    const both = payloadCodec(parsePayloadKeys(`${second},${first}`));
    const [unread, read] = await old.decode([...(await both.encode([payload])), payload]);
    expect(() => defaultPayloadConverter.fromPayload(unread ?? {})).toThrow(
      /Unknown encoding: binary\/encrypted with key "b", which EVENKEEL_PAYLOAD_KEYS does not have/,
    );
    expect(defaultPayloadConverter.fromPayload(read ?? {})).toEqual(secret);
  });

  it('refuses a payload that was changed', async () => {
    const codec = payloadCodec(parsePayloadKeys(first));
    const [written] = await codec.encode([payload]);
    const data = Buffer.from(written?.data ?? []);
    data[20] = (data[20] ?? 0) ^ 1;
    for (const bytes of [data, data.subarray(0, 9), Buffer.alloc(0)]) {
      const [changed] = await codec.decode([{ ...written, data: bytes }]);
      expect(() => defaultPayloadConverter.fromPayload(changed ?? {})).toThrow(
        /binary\/encrypted with key "a", but it was changed/,
      );
    }
  });

  it.each(['nonsense', 'a:c2hvcnQ=', `${first},${first}`, `:${key()}`, `${first},`])(
    'refuses the keys %# without showing them',
    (variable) => {
      let thrown: unknown;
      try {
        dataConverterOf(variable);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ name: 'BadInputError', field: 'EVENKEEL_PAYLOAD_KEYS' });
      const said = JSON.stringify(thrown) + String(thrown);
      for (const part of variable.split(/[,:]/))
        if (part.length > 8) expect(said).not.toContain(part);
    },
  );

  it('is not there without keys', () => {
    expect(dataConverterOf(undefined)).toBeUndefined();
    expect(dataConverterOf('')).toBeUndefined();
  });
});

// The bytes of a fetch: what can be read is read, what cannot costs only itself.
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../src/adapters/kafka/crc32c.js';
import { readBatches } from '../../../src/adapters/kafka/record-batches.js';
import '../../support/property-seed.js';

interface Spec {
  readonly base: number;
  readonly values: readonly (string | null)[];
  readonly attributes?: number;
  readonly firstTimestamp?: number;
  readonly maxTimestamp?: number;
  readonly magic?: number;
  readonly spoilCrc?: boolean;
}

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt(value) < 0n ? -2n * BigInt(value) - 1n : 2n * BigInt(value);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
};
const field = (text: string | null) =>
  text === null ? varint(-1) : Buffer.concat([varint(Buffer.byteLength(text)), Buffer.from(text)]);

function batch(spec: Spec): Buffer {
  const records = spec.values.map((value, i) => {
    const header = Buffer.concat([varint(1), field('h'), field('x')]);
    const body = [Buffer.from([0]), varint(i * 7), varint(i), field('key'), field(value), header];
    const bytes = Buffer.concat(body);
    return Buffer.concat([varint(bytes.length), bytes]);
  });
  const plain = Buffer.concat(records);
  const attributes = spec.attributes ?? 0;
  const body = (attributes & 7) === 1 ? gzipSync(plain) : plain;
  const out = Buffer.concat([Buffer.alloc(61), body]);
  out.writeBigInt64BE(BigInt(spec.base), 0);
  out.writeInt32BE(out.length - 12, 8);
  out.writeInt8(spec.magic ?? 2, 16);
  out.writeInt16BE(attributes, 21);
  out.writeInt32BE(spec.values.length - 1, 23);
  out.writeBigInt64BE(BigInt(spec.firstTimestamp ?? 1_000), 27);
  out.writeBigInt64BE(BigInt(spec.maxTimestamp ?? 2_000), 35);
  out.writeInt32BE(spec.values.length, 57);
  out.writeUInt32BE(spec.spoilCrc === true ? 1 : crc32c(out.subarray(21)), 17);
  return out;
}

const read = async (...specs: Spec[]) => {
  const { records, ...rest } = await readBatches(Buffer.concat(specs.map(batch)));
  return { ...rest, records: records.map((r) => `${r.offset} ${r.value?.toString() ?? 'null'}`) };
};

it('sums as the standard says', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

describe('batches', () => {
  it.each([0, 1])('are read with keys, values and times (codec %i)', async (attributes) => {
    const bytes = batch({ base: 5, values: ['grüß', null, ''], attributes });
    const { records, first, after, unreadable } = await readBatches(bytes);
    expect(records.map(({ offset, timestampMs }) => [offset, timestampMs])).toEqual([
      [5, 1_000],
      [6, 1_007],
      [7, 1_014],
    ]);
    expect(records.map(({ key, value }) => [String(key), value?.toString() ?? null])).toEqual([
      ['key', 'grüß'],
      ['key', null],
      ['key', ''],
    ]);
    expect([first, after, unreadable]).toEqual([5, 8, []]);
  });

  it('have one time where the broker gives it', async () => {
    const { records } = await readBatches(batch({ base: 0, values: ['a', 'b'], attributes: 8 }));
    expect(records.map(({ timestampMs }) => timestampMs)).toEqual([2_000, 2_000]);
  });

  it.each<[string, Partial<Spec>]>([
    ['compressed with snappy', { attributes: 2 }],
    ['compressed with lz4', { attributes: 3 }],
    ['compressed with zstd', { attributes: 4 }],
    ['compressed with codec 5', { attributes: 5 }],
    ['message format 3', { magic: 3 }],
    ['checksum', { spoilCrc: true }],
  ])(
    'that cannot be read (%s) are passed over, each record told without value',
    async (why, over) => {
      const found = await read(
        { base: 0, values: ['a'] },
        { base: 1, values: ['x', 'y'], ...over },
        { base: 3, values: ['b'] },
      );
      expect(found).toMatchObject({ first: 0, after: 4, unreadable: [{ offset: 1, why }] });
      expect(found.records).toEqual(['0 a', '1 null', '2 null', '3 b']);
    },
  );

  it('do not reach beyond the next one, whatever their damaged header says', async () => {
    const bytes = Buffer.concat([
      batch({ base: 0, values: ['x'] }),
      batch({ base: 1, values: ['a'] }),
    ]);
    bytes.writeInt32BE(1_000_000, 23);
    const { records, after } = await readBatches(bytes);
    expect(records.map(({ offset, value }) => [offset, value?.toString() ?? null])).toEqual([
      [0, null],
      [1, 'a'],
    ]);
    expect(after).toBe(2);
  });

  it('of the time before batches are passed over, one message each', async () => {
    const found = await read({ base: 4, values: ['a'], magic: 1 }, { base: 5, values: ['b'] });
    expect(found.records).toEqual(['4 null', '5 b']);
  });

  it('of markers are no records, and are behind us', async () => {
    const found = await read({ base: 4, values: ['a'], attributes: 0x30 });
    expect(found).toMatchObject({ records: [], first: 4, after: 5, unreadable: [] });
  });

  it('that are cut off are left for the next fetch', async () => {
    const bytes = Buffer.concat([
      batch({ base: 0, values: ['a'] }),
      batch({ base: 1, values: ['b'] }),
    ]);
    for (let end = 0; end < bytes.length; end += 1) {
      const { after } = await readBatches(bytes.subarray(0, end));
      expect(after).toBe(end < bytes.length / 2 ? -1 : 1);
    }
  });

  it('that are shorter than their own format number are none', async () => {
    for (let length = -1; length <= 4; length += 1) {
      const bytes = batch({ base: 0, values: ['a'] });
      bytes.writeInt32BE(length, 8);
      expect((await readBatches(bytes)).after).toBe(-1);
    }
  });

  it('of whatever bytes never throw, and never lead back', async () => {
    const good = Buffer.concat([
      batch({ base: 0, values: ['a', 'b'] }),
      batch({ base: 2, values: ['c'] }),
    ]);
    const spoilt = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(spoilt, fc.boolean(), async (changes, mend) => {
        const bytes = Buffer.from(good);
        for (const [at, byte] of changes) bytes[at] = byte;
        if (mend) bytes.writeUInt32BE(crc32c(bytes.subarray(21, 12 + bytes.readInt32BE(8))), 17);
        const { first, after } = await readBatches(bytes);
        expect(after).toBeGreaterThanOrEqual(first);
      }),
      { numRuns: 300 },
    );
  });
});

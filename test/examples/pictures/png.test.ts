// Pictures are made small without a change that anybody could see.
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decode, encode, withPalette, type Pixels } from '../../../examples/pictures/png.js';

const size = 24;
const colours = [0xffffff, 0x444ce7, 0x00964e, 0x141414];

/** Stripes and blocks of four colours. */
function picture(): Pixels {
  const rgb = new Uint8Array(size * size * 3);
  for (let at = 0; at < size * size; at += 1) {
    const row = Math.floor(at / size);
    const colour = colours[((at % size) * 7 + row * row) % colours.length] as number;
    rgb.set([colour >> 16, (colour >> 8) & 0xff, colour & 0xff], at * 3);
  }
  return { width: size, height: size, rgb };
}

function chunk(type: string, body: Buffer): Buffer {
  const out = Buffer.alloc(body.length + 12);
  out.writeUInt32BE(body.length);
  out.write(type, 4, 'latin1');
  body.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, body.length + 8)), body.length + 8);
  return out;
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/** As a browser writes it: row by row another of the five filters. */
function asBrowsersDo({ width, height, rgb }: Pixels, alpha: boolean): Buffer {
  const channels = alpha ? 4 : 3;
  const row = width * channels;
  const plain = new Uint8Array(row * height);
  for (let at = 0; at < width * height; at += 1) {
    plain.set(rgb.subarray(at * 3, at * 3 + 3), at * channels);
    if (alpha) plain[at * channels + 3] = 255;
  }
  const raw = Buffer.alloc(height * (row + 1));
  for (let y = 0; y < height; y += 1) {
    const filter = y % 5;
    raw[y * (row + 1)] = filter;
    for (let i = 0; i < row; i += 1) {
      const at = y * row + i;
      const a = i < channels ? 0 : (plain[at - channels] as number);
      const b = y === 0 ? 0 : (plain[at - row] as number);
      const c = y === 0 || i < channels ? 0 : (plain[at - row - channels] as number);
      const guess = [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter] as number;
      raw[y * (row + 1) + 1 + i] = (plain[at] as number) - guess;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, alpha ? 6 : 2, 0, 0, 0], 8);
  const packed = deflateSync(raw);
  const half = packed.length >> 1; // In two pieces, as it may come.
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', packed.subarray(0, half)),
    chunk('IDAT', packed.subarray(half)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** What a picture with a palette shows, read in the simplest way. */
function shownBy(png: Buffer): number[] {
  const bodies = new Map<string, Buffer>();
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    const type = png.toString('latin1', at + 4, at + 8);
    const end = at + 8 + png.readUInt32BE(at);
    expect(png.readUInt32BE(end)).toBe(crc32(png.subarray(at + 4, end)));
    bodies.set(type, png.subarray(at + 8, end));
  }
  const palette = bodies.get('PLTE') as Buffer;
  const raw = inflateSync(bodies.get('IDAT') as Buffer);
  return Array.from({ length: size * size }, (_, at) => {
    const index = raw[Math.floor(at / size) * (size + 1) + 1 + (at % size)] as number;
    return palette.readUIntBE(index * 3, 3);
  });
}

const pixelsOf = ({ rgb }: Pixels) =>
  Array.from({ length: rgb.length / 3 }, (_, at) => Buffer.from(rgb).readUIntBE(at * 3, 3));

describe('a picture with a palette', () => {
  it.each([false, true])('shows the same pixels (alpha: %s)', (alpha) => {
    const png = asBrowsersDo(picture(), alpha);
    expect(pixelsOf(decode(png))).toEqual(pixelsOf(picture()));
    expect(shownBy(withPalette(png))).toEqual(pixelsOf(picture()));
  });

  it('of more than 256 colours takes the nearest for the rare ones', () => {
    const rgb = new Uint8Array(size * size * 3);
    for (let at = 0; at < size * size; at += 1) {
      const frequent = at % 256; // Each at least twice; the last 64 pixels are beside one of them.
      rgb.set([(frequent >> 4) * 16, (frequent & 15) * 16, at < 512 ? 0 : 3], at * 3);
    }
    const shown = shownBy(encode({ width: size, height: size, rgb }));
    expect(new Set(shown).size).toBeLessThanOrEqual(256);
    const apart = pixelsOf({ width: size, height: size, rgb }).map((colour, at) =>
      [16, 8, 0].reduce(
        (sum, shift) =>
          sum + Math.abs(((colour >> shift) & 255) - (((shown[at] as number) >> shift) & 255)),
        0,
      ),
    );
    expect(Math.max(...apart.slice(0, 512))).toBe(0);
    expect(new Set(apart.slice(512))).toEqual(new Set([3]));
  });

  it('is refused where it is none of a browser', () => {
    expect(() => decode(Buffer.from('GIF89a'))).toThrow('this is no PNG');
    expect(() => decode(encode(picture()))).toThrow('not RGB or RGBA');
  });
});

// Owns: making a PNG small: the picture of a page has few colours, so it is written with a palette, one
// byte a pixel. Reads what browsers write: 8 bits a channel, RGB or RGBA, not interlaced. Pure.
// Format: PNG (Portable Network Graphics) Specification, third edition, W3C.

import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const headerBytes = 8;
const paletteMax = 256;
const channelsOf: Readonly<Record<number, number>> = { 2: 3, 6: 4 };
const indexedColour = 3;

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Three bytes a pixel, rows from the top. */
  readonly rgb: Uint8Array;
}

/** The same picture with at most 256 colours: the frequent ones exactly, the others nearly. */
export function withPalette(png: Buffer): Buffer {
  return encode(decode(png));
}

/** @throws Error for a PNG that no browser writes. */
export function decode(png: Buffer): Pixels {
  if (!png.subarray(0, headerBytes).equals(signature)) throw new Error('this is no PNG');
  const chunks = [...chunksOf(png)];
  const header = chunks.find(({ type }) => type === 'IHDR')?.body;
  if (header === undefined) throw new Error('a PNG without a header');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, colour, , , interlaced] = header.subarray(8);
  const channels = channelsOf[colour ?? -1];
  if (depth !== 8 || channels === undefined || interlaced !== 0) {
    throw new Error('a PNG that is not RGB or RGBA of 8 bits, or interlaced');
  }
  const packed = chunks.filter(({ type }) => type === 'IDAT').map(({ body }) => body);
  const bytes = unfiltered(inflateSync(Buffer.concat(packed)), width * channels, channels);
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      rgb[pixel * 3 + channel] = bytes[pixel * channels + channel] ?? 0;
    }
  }
  return { width, height, rgb };
}

function* chunksOf(png: Buffer): Generator<{ readonly type: string; readonly body: Buffer }> {
  for (let at = headerBytes; at + headerBytes <= png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    yield { type, body: png.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

/** Each row says by its first byte how it differs from what is left of it and above it. */
function unfiltered(raw: Buffer, rowBytes: number, step: number): Uint8Array {
  const rows = Math.floor(raw.length / (rowBytes + 1));
  const out = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; row += 1) {
    const filter = raw[row * (rowBytes + 1)] ?? 0;
    for (let i = 0; i < rowBytes; i += 1) {
      const at = row * rowBytes + i;
      const left = i < step ? 0 : (out[at - step] ?? 0);
      const up = row === 0 ? 0 : (out[at - rowBytes] ?? 0);
      const corner = row === 0 || i < step ? 0 : (out[at - rowBytes - step] ?? 0);
      const said = raw[row * (rowBytes + 1) + 1 + i] ?? 0;
      out[at] = said + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth(left, up, corner);
    default:
      return 0;
  }
}

/** Whichever of the three is nearest to left + up - corner. */
function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp] = [Math.abs(guess - left), Math.abs(guess - up)];
  const toCorner = Math.abs(guess - corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

export function encode({ width, height, rgb }: Pixels): Buffer {
  const palette = frequentColours(rgb);
  const indexOf = nearestIn(palette);
  const raw = Buffer.alloc(height * (width + 1)); // Filter 0 suits a palette best.
  for (let row = 0; row < height; row += 1) {
    for (let x = 0; x < width; x += 1) {
      raw[row * (width + 1) + 1 + x] = indexOf(colourAt(rgb, row * width + x));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, indexedColour, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((c) => [c >> 16, (c >> 8) & 0xff, c & 0xff]));
  const packed = deflateSync(raw, { level: 9 });
  const chunks = [chunk('IHDR', header), chunk('PLTE', colours), chunk('IDAT', packed)];
  return Buffer.concat([signature, ...chunks, chunk('IEND', Buffer.alloc(0))]);
}

function colourAt(rgb: Uint8Array, pixel: number): number {
  const at = pixel * 3;
  return ((rgb[at] ?? 0) << 16) | ((rgb[at + 1] ?? 0) << 8) | (rgb[at + 2] ?? 0);
}

function frequentColours(rgb: Uint8Array): readonly number[] {
  const counts = new Map<number, number>();
  for (let pixel = 0; pixel * 3 < rgb.length; pixel += 1) {
    const colour = colourAt(rgb, pixel);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const byCount = [...counts].sort(([a, n], [b, m]) => m - n || a - b);
  return byCount.slice(0, paletteMax).map(([colour]) => colour);
}

/** The index of the colour that is nearest; each is looked for once. */
function nearestIn(palette: readonly number[]): (colour: number) => number {
  const known = new Map(palette.map((colour, index) => [colour, index]));
  return (colour) => {
    const found = known.get(colour);
    if (found !== undefined) return found;
    let best = 0;
    let bestDistance = Infinity;
    palette.forEach((candidate, index) => {
      const distance = [16, 8, 0].reduce((sum, shift) => {
        const apart = ((colour >> shift) & 0xff) - ((candidate >> shift) & 0xff);
        return sum + apart * apart;
      }, 0);
      if (distance < bestDistance) [best, bestDistance] = [index, distance];
    });
    known.set(colour, best);
    return best;
  };
}

function chunk(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

import { expect, it } from 'vitest';
import { bytesOf, cut, shorten, shortenInJson } from '../../src/core/bytes.js';

const texts = ['', 'plain', 'Zürich', 'revision 1 → 2', '再平衡', '🙂🙂', 'a🙂é再'];

it('counts texts as UTF-8 does, and other values as JSON', () => {
  for (const text of texts) expect(bytesOf(text), text).toBe(Buffer.byteLength(text));
  const value = { reason: '再平衡', steps: [1, null] };
  expect(bytesOf(value)).toBe(Buffer.byteLength(JSON.stringify(value)));
  expect(bytesOf(undefined)).toBe(0);
});

it('cuts at a character, to as many as fit', () => {
  for (const text of texts) {
    for (let max = 0; max <= Buffer.byteLength(text) + 1; max += 1) {
      const short = cut(text, max);
      expect(text.startsWith(short)).toBe(true);
      expect(Buffer.byteLength(short)).toBeLessThanOrEqual(max);
      const next = [...text].slice(0, [...short].length + 1).join('');
      if (short !== text) expect(Buffer.byteLength(next)).toBeGreaterThan(max);
    }
  }
});

it('leaves a text for people alone that fits', () => {
  for (const text of texts) expect(shorten(text, Buffer.byteLength(text))).toBe(text);
});

it.each([
  ['behind a word', 'grow 2 → 3: 18 partitions, 18 clients', 32, 'grow 2 → 3: 18 partitions …'],
  ['without what dangles there', 'revision 2; and more', 15, 'revision 2 …'],
  ['within a word that is most of it', 'by 0→[0-119,240-299]', 18, 'by 0→[0-119,…'],
  ['within the only word', '再平衡再平衡', 10, '再平…'],
  ['to nothing where not even the mark fits', 'word', 3, ''],
])('cuts a text for people %s, and marks that', (_where, text, max, short) => {
  expect(shorten(text, max)).toBe(short);
  expect(Buffer.byteLength(short)).toBeLessThanOrEqual(max);
});

it('never makes a text longer than it may be, nor cuts one without a mark', () => {
  const text = 'notify failed: 3 of 12 did not apply revision 7 (再平衡 "quoted"), undone 🙂🙂';
  for (let max = 4; max <= Buffer.byteLength(JSON.stringify(text)); max += 1) {
    const short = shorten(text, max);
    const inJson = shortenInJson(text, max);
    expect(Buffer.byteLength(short)).toBeLessThanOrEqual(max);
    expect(Buffer.byteLength(JSON.stringify(inJson)) - 2).toBeLessThanOrEqual(max);
    for (const one of [short, inJson]) expect(one === text || one.endsWith('…'), one).toBe(true);
  }
});

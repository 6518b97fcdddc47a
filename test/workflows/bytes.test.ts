import { expect, it } from 'vitest';
import { bytesOf, cut } from '../../workflows/bytes.js';

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

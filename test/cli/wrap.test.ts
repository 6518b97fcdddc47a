// Text that is wider than its reader's terminal.
import { describe, expect, it } from 'vitest';
import { widthOf, wrapText } from '../../src/cli/wrap.js';

describe('the width to write within', () => {
  it.each([
    [undefined, undefined, 80],
    [undefined, '60', 60],
    [undefined, 'wide', 80],
    [120, '60', 100],
    [20, undefined, 40],
  ])('of a terminal of %s and COLUMNS %s is %i', (terminal, columns, width) => {
    expect(widthOf(terminal, columns)).toBe(width);
  });
});

describe('wrapping', () => {
  it('shows what would steer a terminal, and does not send it', () => {
    expect(wrapText('mode is \u001b[31mred\u0007\u202e\u009b2J', 40)).toBe(
      'mode is \u241b[31mred\u2407\ufffd\ufffd2J',
    );
  });

  it('leaves what fits as it is, spaces and all', () => {
    expect(wrapText('a  b\n\n   c', 40)).toBe('a  b\n\n   c');
  });

  it('goes on under the first word after mark and label', () => {
    expect(wrapText(`✓ worker      ${'word '.repeat(10).trim()}`, 40)).toBe(
      ['✓ worker      word word word word word', '              word word word word word'].join(
        '\n',
      ),
    );
  });

  it('goes on behind an arrow, and else below the indent', () => {
    expect(wrapText(`  → ${'word '.repeat(9).trim()}`, 40).split('\n')[1]).toMatch(/^ {4}word/);
    expect(wrapText(`  ${'word '.repeat(9).trim()}`, 40).split('\n')[1]).toMatch(/^ {4}word/);
  });

  it('breaks a list of ranges behind a comma, and loses nothing', () => {
    const ranges = Array.from({ length: 40 }, (_, at) => `${at * 10}-${at * 10 + 5}`).join(',');
    const wrapped = wrapText(`  messaging-0  [${ranges}]`, 60);
    expect(Math.max(...wrapped.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(wrapped.replace(/\n */g, '')).toBe(`  messaging-0  [${ranges}]`);
  });
});

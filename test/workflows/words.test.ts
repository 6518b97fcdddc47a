import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cell, doing, quoted } from '../../workflows/words.js';

/** What a CommonMark reader takes for markup: all that is not escaped. */
const unescaped = (markdown: string) => markdown.replace(/\\[!-/:-@[-`{-~]/g, 'x');
/** What a CommonMark reader shows. */
const shown = (markdown: string) => markdown.replace(/\\([!-/:-@[-`{-~])/g, '$1');

it('one does what several do', () => {
  expect([0, 1, 3].map((count) => doing(count, 'instance', 'apply', 'applies'))).toEqual([
    '0 instances apply',
    '1 instance applies',
    '3 instances apply',
  ]);
  expect(doing(1, 'client', 'move')).toBe('1 client moves');
});

describe('a text on the page', () => {
  it.each([
    '**completed**: everything is fine [mend here](http://evil.example/x)',
    '![a picture](http://evil.example/x.png)',
    '<img src=x onerror=alert(1)>',
    '`code` ~~gone~~ _so_ &lt;',
    '[ref]: http://evil.example/x',
    '# a headline',
    '- an item',
    '+ an item',
    '12. an item',
    '=====',
    '\\[not escaped by a backslash of theirs](x)',
  ])('is shown as it was said, and is no markup: %s', (text) => {
    expect(shown(cell(text))).toBe(text);
    expect(unescaped(cell(text))).not.toMatch(/[*_`[\]<>~&]|^[#+=-]|^\d+[.)]\s/);
  });

  it('is one line without bars and markup, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('', '*', '`', '\n', '\\'),
        (a, b) => {
          const line = cell(`${a}${b}${a}`);
          expect(line).not.toMatch(/[|\n\r\u2028\u2029]/);
          expect(unescaped(line)).not.toMatch(/[*_`[\]<>~&\\]|^[#+=-]/);
        },
      ),
    );
  });

  it('that needs no escape has none', () => {
    const text = 'revision 2: 3 instances hold everything, 120 partitions moved back (at 0.5 s)';
    expect(cell(text)).toBe(text);
    expect(cell('0.5 s')).toBe('0.5 s');
    expect(cell('a | b\n c')).toBe('a / b c');
  });

  it('within backquotes cannot end them', () => {
    expect(quoted('evenkeel rebalance `x`\n**y**')).toBe("`evenkeel rebalance 'x''**y**`");
  });
});

// The place at which a text stops being JSON.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstNonJson } from '../../src/cli/json-place.js';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('firstNonJson', () => {
  it.each([
    ['[1, NaN]', [1], true, 'NaN', 1, 5],
    ['{"a":{"b":[[1,2],[3,-Infinity]]}}', ['a', 'b', 1, 1], true, '-Infinity', 1, 21],
    ['{"a":1,\n "b": undefined}', ['b'], true, 'undefined', 2, 7],
    ["{'a':1}", [], false, "'a'", 1, 2],
    ['{"a":01}', ['a'], false, '1', 1, 7],
    ['{"a":1,}', ['a'], false, '}', 1, 8],
    ['[1,]', [1], true, ']', 1, 4],
    ['[1 2]', [0], false, '2', 1, 4],
    ['{"a":', ['a'], false, '', 1, 6],
    ['{"a" 1}', [], false, '1', 1, 6],
    ['{"a":1}}', [], false, '}', 1, 8],
    ['', [], false, '', 1, 1],
    ['"a\nb"', [], true, '"', 1, 1],
  ])('%j', (json, path, isValue, found, line, column) => {
    expect(firstNonJson(json)).toEqual({ path, isValue, found, line, column });
  });

  it('finds a place exactly where JSON.parse finds a fault', () => {
    const characters = fc.constantFrom(...'{}[]",:\\ \n-+.019eEtrufalsn'.split(''));
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.nat({ max: 2 }), fc.string({ unit: characters, maxLength: 3 }))
      .map(([json, at, cut, put]) => {
        const from = at % (json.length + 1);
        return json.slice(0, from) + put + json.slice(from + cut);
      });
    fc.assert(
      fc.property(
        fc.oneof(fc.json(), broken, fc.string({ unit: characters, maxLength: 8 })),
        (text) => {
          expect(firstNonJson(text) === undefined).toBe(isJson(text));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('reads deep and long texts', () => {
    const deep = 50_000;
    expect(firstNonJson('['.repeat(deep) + ']'.repeat(deep))).toBeUndefined();
    expect(firstNonJson(`["${'x'.repeat(300_000)}", NaN]`)?.path).toEqual([1]);
    expect(firstNonJson(`["${'\\n'.repeat(100_000)}", NaN]`)?.path).toEqual([1]);
  });
});

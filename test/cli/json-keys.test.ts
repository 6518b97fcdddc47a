// Keys that one object has twice.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstRepeatedKey } from '../../src/cli/json-keys.js';

describe('firstRepeatedKey', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":{"b":1},"c":{"b":1,"b" : 2}}', 'b'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"x\\"":1,"x\\"":2}', 'x"'],
    ['[{"a":1},{"a":1}]', undefined],
    ['{"a":"a","b":["a:","{","a"]}', undefined],
  ])('%s', (json, key) => {
    expect(firstRepeatedKey(json)).toBe(key);
  });

  it('finds none in what JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(firstRepeatedKey(JSON.stringify(value, null, 1))).toBeUndefined();
      }),
    );
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BadInputError } from '../../src/errors.js';
import { readOptions } from '../../src/load/options.js';

let out = '';
beforeEach(() => {
  out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
});
afterEach(() => vi.restoreAllMocks());

describe('the command line of the load generator', () => {
  it('has a default for everything but the number of clients', () => {
    expect(readOptions(['--clients', '2000'])).toEqual({
      clients: 2_000,
      devices: 1,
      processes: 2,
      messagesPerSecond: 100,
      seconds: 30,
      service: undefined,
      json: undefined,
      directoryUrl: undefined,
      directoryKey: undefined,
    });
    expect(readOptions(['--clients', '2'])).toMatchObject({ processes: 1 });
    expect(readOptions(['--clients', '2001'])).toMatchObject({ processes: 3 });
  });

  it.each([
    [[], '--clients', 'nothing'],
    [['--clients', '0'], '--clients', '0'],
    [['--clients', 'many'], '--clients', 'many'],
    [['--clients', ''], '--clients', ''],
    [['--clients', '1.5'], '--clients', '1.5'],
    [['--clients', '100001'], '--clients', '100001'],
    [['--clients', '5', '--devices', '2'], '--clients', '5'],
    [['--clients', '9', '--devices', '9'], '--devices', '9'],
    [['--clients', '8', '--devices', '8', '--processes', '2'], '--processes', '2'],
    [['--clients', '8', '--rate', '-1'], '--rate', '-1'],
    [['--clients', '8', '--seconds', '0'], '--seconds', '0'],
  ])(
    'says of %j which option is wrong, what was found and what is allowed',
    (argv, field, found) => {
      const read = (): unknown => readOptions(argv);
      expect(read).toThrow(BadInputError);
      expect(read).toThrow(
        expect.objectContaining({ field, found, allowed: expect.any(String) as string }),
      );
    },
  );

  it.each([['--speed', '3'], ['now'], ['--clients']])('refuses %s', (...argv) => {
    expect(() => readOptions(argv)).toThrow(BadInputError);
  });

  it('teaches at 80 columns', () => {
    expect(readOptions(['--help'])).toBe(0);
    expect(out).toContain('Examples:');
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });
});

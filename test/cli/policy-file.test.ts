import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/cli/policy-file.js';
import { BadInputError } from '../../src/errors.js';

const good = `
service: messaging
partitions: 360
instances: { min: 2, max: 6 }
clientsPerInstance: { upper: 150, lower: 60, target: 100 }
`;

function faultOf(text: string): BadInputError {
  try {
    parsePolicy(text);
  } catch (error) {
    expect(error).toBeInstanceOf(BadInputError);
    return error as BadInputError;
  }
  throw new Error('was accepted');
}

describe('a policy file', () => {
  it('needs four fields; the rest has defaults', () => {
    expect(parsePolicy(good)).toMatchObject({
      service: 'messaging',
      partitions: 360,
      tolerance: 0,
      balanceBy: 'partitions',
      scheduleEveryMs: 15_000,
      approval: 'never',
      pace: { clientsPerWave: 6, acceptPerSecond: 100, partitionsPerWave: 64 },
    });
  });

  it('allows some unevenness by default when clients are balanced', () => {
    expect(parsePolicy(`${good}balanceBy: clients\n`).tolerance).toBe(0.1);
    expect(parsePolicy(`${good}balanceBy: clients\ntolerance: 0\n`).tolerance).toBe(0);
  });

  it('keeps the other half of a pace at its default', () => {
    expect(parsePolicy(`${good}pace: { clientsPerWave: 5 }\n`).pace).toEqual({
      clientsPerWave: 5,
      acceptPerSecond: 100,
      partitionsPerWave: 64,
    });
  });

  it('takes a number of moved clients above which a person is asked', () => {
    const { approval } = parsePolicy(`${good}approval: { aboveMovedClients: 500 }\n`);
    expect(approval).toEqual({ aboveMovedClients: 500 });
  });

  it.each([
    ['partitions', good.replace('360', 'many'), 'many', 'a whole number from 1 to 100000'],
    [
      'partitions',
      good.replace('partitions: 360', ''),
      'nothing',
      'a whole number from 1 to 100000',
    ],
    ['service', good.replace('messaging', 'Mess aging'), 'Mess aging', 'lower-case letters'],
    ['instances.min', good.replace('min: 2', 'min: 0'), '0', 'a whole number from 1 to 1000'],
    ['instances.min', good.replace('min: 2', 'min: 7'), '7', 'at most instances.max (6)'],
    [
      'clientsPerInstance.lower',
      good.replace('lower: 60', 'lower: 100'),
      '100',
      'less than target (100)',
    ],
    ['approval', `${good}approval: sometimes\n`, 'sometimes', 'never or always'],
    ['cooldown', `${good}cooldown: 60\n`, 'an unknown field', 'cooldownMs'],
    [
      'instances.maximum',
      good.replace('max: 6', 'max: 6, maximum: 7'),
      'an unknown field',
      'min, max',
    ],
    ['file', 'just words', 'just words', 'a mapping of fields'],
    [
      'file',
      `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*b,*b,*b]`,
      'Excessive alias count',
      'a YAML document, its aliases few',
    ],
    ['file', 'service: [', 'service: [', 'a YAML document'],
  ])('names %s, what was found and what is allowed', (field, text, found, allowed) => {
    const fault = faultOf(text);
    expect(fault.field).toBe(field);
    expect(fault.found?.startsWith(found)).toBe(true);
    expect(fault.allowed).toContain(allowed);
  });
});

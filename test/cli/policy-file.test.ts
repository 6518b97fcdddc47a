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

  it('fills in windows, and takes back what it was turned into', () => {
    const text = `${good}floors: [{ days: [fri], from: "20:00", to: "02:00", instances: 4 }]\n`;
    const policy = parsePolicy(text);
    expect(policy.floors).toEqual([
      { days: ['fri'], from: '20:00', to: '02:00', zone: 'UTC', instances: 4, aheadMs: 0 },
    ]);
    expect(parsePolicy(JSON.stringify(policy))).toEqual(policy);
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
    [
      'colodownMs',
      `${good}colodownMs: 60\n`,
      'an unknown field',
      'cooldownMs, which is the nearest of',
    ],
    [
      'floors.0.zome',
      `${good}floors: [{ from: "20:00", to: "23:00", zome: UTC, instances: 3 }]\n`,
      'an unknown field',
      'zone, which is the nearest of name, days, from',
    ],
    [
      'steps.up.counts',
      `${good}steps: { up: { counts: 3, periodMs: 60000 } }\n`,
      'an unknown field',
      'count, which is',
    ],
    ['version', `${good}version: 2\n`, '2', '1'],
    ['mode', `${good}mode: dryrun\n`, 'dryrun', 'live or dry-run'],
    [
      'signals.cpuCores.lower',
      `${good}signals: { cpuCores: { upper: 2, target: 1, lower: 1 } }\n`,
      '1',
      'less than target (1)',
    ],
    [
      'metrics.source',
      `${good}signals: { cpuCores: { upper: 2, target: 1 } }\n`,
      'reports',
      'prometheus or both',
    ],
    [
      'metrics.queries.cpuCores',
      `${good}metrics: { source: both }\nsignals: { cpuCores: { upper: 2, target: 1 } }\n`,
      'nothing',
      'a query',
    ],
    ['steps.up', `${good}steps: { up: { periodMs: 60000 } }\n`, 'count 0 and percent 0', 'above 0'],
    [
      'steps.down.periodMs',
      `${good}steps: { down: { count: 1, periodMs: 10000 } }\n`,
      '10000',
      'at least scheduleEveryMs (15000)',
    ],
    [
      'forecast.horizonMs',
      `${good}forecast: { horizonMs: 60000 }\n`,
      '60000',
      'at least forecast.stepMs (300000)',
    ],
    [
      'forecast.zone',
      `${good}forecast: { zone: Mars/Olympus }\n`,
      'Mars/Olympus',
      'an IANA name such as Europe/Berlin',
    ],
    [
      'forecast.horizonMs',
      `${good}forecast: { horizonMs: soon }\n`,
      'soon',
      'measured, or a whole number',
    ],
    [
      'floors.0.instances',
      `${good}floors: [{ from: "20:00", to: "23:00", instances: 7 }]\n`,
      '7',
      'at most instances.max (6)',
    ],
    [
      'floors.0.days.1',
      `${good}floors: [{ days: [fri, friday], from: "20:00", to: "23:00", instances: 3 }]\n`,
      'friday',
      'sun or mon',
    ],
    ['freezes', `${good}freezes: [{ from: "00:00", to: "24:00" }]\n`, '00:00', 'never end'],
    [
      'disruption.clientsPerHour',
      `${good}disruption: { clientsPerHour: 0 }\n`,
      '0',
      'a whole number from 1',
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
    ['file', `${good}${'#'.repeat(300_000)}`, '300', 'at most 262144 characters'],
    ['hysteresis', `${good}hysteresis: .inf\n`, 'Infinity', 'a number from 0'],
    ['stepMax', `${good}stepMax: "3"\n`, 'the text "3"', 'a whole number from 1'],
    ['price', `${good}price: 3\n`, '3', 'a mapping of perInstanceHour, perDisconnect'],
  ])('names %s, what was found and what is allowed', (field, text, found, allowed) => {
    const fault = faultOf(text);
    expect(fault.field).toBe(field);
    expect(fault.found?.startsWith(found)).toBe(true);
    expect(fault.allowed).toContain(allowed);
  });
});

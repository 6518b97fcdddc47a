import { describe, expect, it } from 'vitest';
import { lint, type Measured } from '../../../src/core/scaling/lint.js';
import { policyDefaults, type Policy } from '../../../src/core/scaling/policy.js';

const sound: Policy = {
  ...policyDefaults,
  service: 'messaging',
  partitions: 360,
  instances: { min: 2, max: 20 },
  clientsPerInstance: { upper: 1_000, lower: 300, target: 700 },
  tolerance: 0,
};
const floor = { from: '20:00', to: '23:00', zone: 'UTC', instances: 12, aheadMs: 3_600_000 };
const freeze = { from: '20:00', to: '23:00', zone: 'UTC', allows: 'growth' } as const;

describe('lint', () => {
  it('has nothing against the defaults', () => {
    expect(lint(sound)).toEqual([]);
    expect(lint({ ...sound, floors: [floor] }, { changeMs: 59_000 })).toEqual([]);
  });

  it.each<[string, Partial<Policy>, string, Measured?]>([
    [
      'clientsPerInstance.target',
      { clientsPerInstance: { upper: 1_000, lower: 300, target: 950 } },
      'so near upper (1000) that noise adds instances again and again: at most 900',
    ],
    [
      'clientsPerInstance.lower',
      { clientsPerInstance: { upper: 1_000, lower: 650, target: 700 } },
      'at most 525',
    ],
    ['signals.cpuCores.target', { signals: { cpuCores: { upper: 20, target: 19 } } }, 'at most 18'],
    [
      'stabilisation.upMs',
      { stabilisation: { upMs: 5_000, urgentShare: 0.3 } },
      'one evaluation decides',
    ],
    [
      'stabilisation.downMs',
      { stabilisation: { downMs: 30_000, urgentShare: 0.3 } },
      'removed sooner than added',
    ],
    ['hysteresis', { hysteresis: 0 }, 'noise adds the instance again'],
    ['sampleMaxAgeMs', { sampleMaxAgeMs: 6_000 }, 'less than two reports'],
    [
      'cooldownMs',
      {},
      'shorter than the longest of the last changes (75000)',
      { changeMs: 75_000 },
    ],
    [
      'cooldownMs',
      { cooldownMs: 5_000 },
      'needs to welcome its 700 clients at pace.acceptPerSecond (7000)',
    ],
    [
      'disruption.clientsPerHour',
      { disruption: { clientsPerHour: 500 } },
      'less than one instance has',
    ],
    ['warmSpares', { warmSpares: 50 }, 'never run'],
    [
      'stepMax',
      {
        stepMax: 4,
        steps: {
          up: { count: 1, percent: 0, periodMs: 60_000 },
          down: { count: 1, percent: 0, periodMs: 60_000 },
        },
      },
      'no effect',
    ],
    [
      'floors.0.aheadMs',
      { floors: [{ ...floor, aheadMs: 60_000 }] },
      'from 2 to 12 instances by steps of 1 (540000)',
    ],
    ['floors.0.instances', { floors: [{ ...floor, instances: 2 }] }, 'no effect'],
    ['sampleMaxAgeMs', { metrics: { ...sound.metrics, source: 'both' } }, 'two scrapes of 15000'],
    [
      'metrics.queries.age',
      { metrics: { ...sound.metrics, source: 'both', queries: { clients: 'up' } } },
      'minutes old count as new',
    ],
    ['freezes.1', { freezes: [freeze, { ...freeze, from: '22:00' }] }, 'overlaps 20:00'],
    [
      'metrics.queries.clients',
      { metrics: { ...sound.metrics, queries: { clients: 'up' } } },
      'not asked, because metrics.source is reports',
    ],
    [
      'forecast.minHistoryMs',
      { forecast: { ...sound.forecast, mode: 'acting', minHistoryMs: 3_600_000 } },
      'less than two days',
    ],
  ])('warns of %s', (field, changes, text, measured = {}) => {
    const warnings = lint({ ...sound, ...changes }, measured);
    expect(warnings.map((warning) => warning.field)).toContain(field);
    expect(warnings.find((warning) => warning.field === field)?.text).toContain(text);
  });
});

// From which history an evaluation foresees, and when it does not ask for it.
import { expect, it } from 'vitest';
import { foresee } from '../../activities/foresee.js';
import { createForecasts } from '../../activities/forecasts.js';
import { withoutSource } from '../../activities/load-seen.js';
import { createMemoryConfigDb } from '../../src/adapters/memory/config-db.js';
import { UnreachableError } from '../../src/errors.js';
import type { Policy } from '../../src/core/scaling/policy.js';
import type { ScalingSnapshot } from '../../src/core/scaling/snapshot.js';
import type { TimeSeriesSource } from '../../src/time-series-port.js';
import { nowMs, policy, snapshot } from '../core/scaling/given.js';

async function foreseen(inForce: Policy, seen: ScalingSnapshot, has = true, refusal?: Error) {
  const configDb = createMemoryConfigDb();
  if (refusal !== undefined) configDb.saveLoad = () => Promise.reject(refusal);
  let asked = 0;
  const timeSeries: TimeSeriesSource = {
    instant: async () => [],
    range: async (_, { fromMs, toMs, stepMs }) => {
      asked += 1;
      const steps = (toMs - fromMs) / stepMs + 1;
      const atMs = (step: number) => fromMs + step * stepMs;
      return [
        {
          labels: {},
          points: Array.from({ length: steps }, (_one, i) => ({ atMs: atMs(i), value: 80 })),
        },
      ];
    },
  };
  const around = {
    configDb,
    forecasts: createForecasts(() => 0),
    timeSeries: has ? timeSeries : undefined,
  };
  const found = await foresee(around, inForce, { snapshot: seen, rebalances: [], nowMs });
  return { found, asked, kept: await configDb.loads('messaging', 300_000, 0) };
}

const by = (source: Policy['metrics']['source']): Policy =>
  policy({ metrics: { ...policy().metrics, source } });
const calm = snapshot([40, 40]);

it('by reports it is what was counted, with the mean for whoever is missing', async () => {
  const { found, asked, kept } = await foreseen(by('reports'), {
    ...calm,
    samples: calm.samples.slice(0, 1),
  });
  expect(found).toEqual({ noForecast: 'there is no history yet' });
  expect(asked).toBe(0);
  expect(kept[0]?.open).toEqual({ sum: 80, samples: 1 });
});

it('counts nothing while nobody answers', async () => {
  const { kept } = await foreseen(by('reports'), { ...calm, samples: [] });
  expect(kept[0]?.open).toEqual({ sum: 0, samples: 0 });
});

it('is none where what was counted cannot be kept, and nobody fails because of that', async () => {
  const refused = new UnreachableError('MongoDB', 'MongoDB refuses load', undefined, 'check it');
  const { found } = await foreseen(by('reports'), calm, true, refused);
  expect(found).toEqual({ noForecast: 'what is counted cannot be kept: MongoDB refuses load' });
  const bug = foreseen(by('reports'), calm, true, new TypeError('a bug'));
  await expect(bug).rejects.toThrow('a bug');
});

it('with Prometheus it is what Prometheus has, and nothing is kept beside it', async () => {
  for (const source of ['prometheus', 'both'] as const) {
    const { found, asked, kept } = await foreseen(by(source), calm);
    expect(found.forecast).toMatchObject({ value: 80, acts: false, horizonMs: 135_000 });
    expect(asked).toBe(28);
    expect(kept).toEqual([]);
  }
});

it('of a Prometheus that does not answer, or that nobody named, no history is asked for', async () => {
  const dead = { kind: 'telemetry-failed', of: 'clients', said: 'gone' } as const;
  const silent = await foreseen(by('both'), { ...calm, telemetry: [dead] });
  expect([silent.found, silent.asked]).toEqual([
    { noForecast: 'its history is in Prometheus, which does not answer' },
    0,
  ]);
  const other = { ...dead, of: 'cpuCores' };
  expect((await foreseen(by('both'), { ...calm, telemetry: [other] })).asked).toBe(28);
  expect((await foreseen(by('both'), calm, false)).found).toEqual({ noForecast: withoutSource });
});

it('is nothing before the first distribution, and when the policy wants none', async () => {
  expect((await foreseen(by('both'), { ...calm, members: null })).found).toEqual({});
  const off = policy({ forecast: { ...policy().forecast, mode: 'off' } });
  const { found, kept } = await foreseen(off, calm);
  expect([found, kept]).toEqual([{}, []]);
});

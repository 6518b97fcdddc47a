// Owns: the benchmark of forecasts: errors on recorded and on made load beside those of the simple rules,
// and what a step costs. A promise that is broken is named, never hidden.
import { Forecaster } from '../../src/core/forecast/forecaster.js';
import { dayMs } from '../../src/core/forecast/grid.js';
import type { BenchGroup, GroupRun } from '../group.js';
import type { BenchCase } from '../report.js';
import { fixed, markdownTable } from '../table.js';
import { measure, simpleRules, type Measured } from './measure.js';
import { recordedNames, recordedOf, shapesOf, type Series } from './recorded.js';
import { shapes, syntheticOf } from './synthetic.js';

/** Error above the best simple rule's, in % of it, that is still kept to. */
export const regretMax = 3;
const costSteps = 500_000;
const quickCostSteps = 20_000;

export const forecastGroup: BenchGroup = {
  name: 'forecast',
  about: 'forecasts of recorded and made load beside simple rules, and what a step costs',
  run: runForecasts,
  textOf: ({ name, ours }) => `${name}: ${JSON.stringify(ours)}`,
  markdownOf: (cases) =>
    [
      recordedTable(cases.filter(({ params }) => params['kind'] === 'recorded')),
      manyTable(cases.filter(({ params }) => params['many'] === true)),
      costLine(cases.find(({ params }) => params['kind'] === 'cost')),
    ].join('\n'),
};

async function* runForecasts({ quick, seed }: GroupRun): AsyncGenerator<BenchCase> {
  for (const name of recordedNames) {
    const series = recordedOf(name);
    const { horizon, from, kind } = series;
    yield { name, params: { kind, horizon, from }, ours: { ...measure(series) }, peers: [] };
  }
  yield cost(quick ? quickCostSteps : costSteps);
  const groups: readonly (readonly [string, () => Series[]])[] = [
    ...recordedNames.map((name) => [name, () => shapesOf(name)] as const),
    ...shapes.map((shape) => [shapeName(shape), () => syntheticOf(shape, seed)] as const),
  ];
  for (const [name, seriesOf] of quick ? groups.slice(-1) : groups) yield many(name, seriesOf());
}

function shapeName({ day, horizon, days }: (typeof shapes)[number]): string {
  return `made: ${day} a day, ${horizon} ahead, ${days} days`;
}

function many(name: string, list: readonly Series[]): BenchCase {
  const all = list.map((series) => ({ series, measured: measure(series) }));
  const regrets = all.map(({ measured }) => measured.regret).sort((a, b) => a - b);
  const held = all.map((one) => one.measured.held).sort((a, b) => a - b);
  const worst = all.reduce((a, b) => (b.measured.regret > a.measured.regret ? b : a));
  return {
    name,
    params: { many: true, series: list.length },
    ours: {
      medianRegret: regrets[regrets.length >> 1],
      worstRegret: worst.measured.regret,
      worst: worst.series.name,
      broken: regrets.filter((regret) => regret > regretMax).length,
      medianHeld: held[held.length >> 1],
    },
    peers: [],
  };
}

/** Observe and forecast, on a daily wave at 5 min, 15 min ahead. */
function cost(steps: number): BenchCase {
  const grid = { stepMs: dayMs / 288, horizon: 3, day: 288, week: 2_016 };
  const forecaster = new Forecaster({ grid });
  // Of the processor: other programs of the machine are not the forecast's.
  const before = process.cpuUsage();
  let acts = 0;
  for (let step = 0; step < steps; step += 1) {
    forecaster.observe(1_000 + 500 * Math.sin((2 * Math.PI * step) / 288) + (step % 13));
    if (forecaster.forecast()?.acts) acts += 1;
  }
  const { user, system } = process.cpuUsage(before);
  const microseconds = (user + system) / steps;
  const stateBytes = JSON.stringify(forecaster.save()).length;
  return {
    name: 'cost',
    params: { kind: 'cost', steps },
    ours: { microseconds, stateBytes, acted: acts / steps },
    peers: [],
  };
}

function recordedTable(cases: readonly BenchCase[]): string {
  const rows = cases.map(({ name, params, ours }) => {
    const { error, rules, regret, held, acted } = ours as unknown as Measured;
    return [
      `${name}, ${params['horizon']} ahead`,
      ...simpleRules.map((rule) => fixed(rules[rule], 1)),
      `**${fixed(error, 2)}**`,
      fixed(regret, 1),
      fixed(100 * held, 1),
      fixed(100 * acted, 0),
    ];
  });
  const columns = ['error in %', ...simpleRules, 'forecast', 'regret', 'held', 'acts'];
  return markdownTable({ columns, rows });
}

function manyTable(cases: readonly BenchCase[]): string {
  const rows = cases.map(({ name, params, ours }) => [
    name,
    String(params['series']),
    fixed(ours['medianRegret'], 1),
    fixed(ours['worstRegret'], 1),
    String(ours['worst']),
    String(ours['broken']),
    fixed(100 * Number(ours['medianHeld']), 1),
  ]);
  const columns = ['series', 'how many', 'median', 'worst', 'which', 'above 3 %', 'held'];
  return markdownTable({ columns, rows });
}

function costLine(one: BenchCase | undefined): string {
  if (one === undefined) return '';
  const { microseconds, stateBytes } = one.ours;
  const state = fixed(Number(stateBytes) / 1_000, 0);
  return `A step costs ${fixed(microseconds, 1)} µs of one core; the stored state is ${state} kB.\n`;
}

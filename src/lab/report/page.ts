// Owns: the report of a replay as one page that needs nothing else: no script, no font, no network. The same
// input gives the same bytes. Never writes a file.

import { cheapestWithin, families, type Point } from '../search.js';
import type { Report } from '../simulate.js';
import { narrow, wide, type Size } from './frame.js';
import { frontierChart, symbolOf } from './frontier-chart.js';
import { loadChart } from './load-chart.js';
import { escaped, shortNumber, wholeNumber } from './markup.js';
import { style } from './style.js';
import { worstWeek, type Timeline } from './timeline.js';

export interface Page {
  /** What was replayed, for example the name of a file. */
  readonly title: string;
  readonly timeline: Timeline;
  readonly reports: readonly Report[];
  readonly search?: { readonly points: readonly Point[]; readonly overloads: readonly number[] };
}

const reasonsShown = 8;
/** More lines in one chart are told apart by nobody. */
const linesMax = 5;

export function htmlOf(page: Page): string {
  const { title, search } = page;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>Replay of ${escaped(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<h1>Replay of ${escaped(title)}</h1>`,
    introduction(page),
    figures(page),
    load(page),
    ...(search === undefined ? [] : [frontier(search.points), budgets(search)]),
    forecast(page),
    ...page.reports.map(reasons),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

function introduction({ timeline }: Page): string {
  const { trace, fromStep } = timeline;
  const { values, startMs, stepMs, filled } = trace;
  const from = startMs + fromStep * stepMs;
  const until = startMs + values.length * stepMs;
  const learnt = fromStep === 0 ? '' : ` ${wholeNumber(fromStep)} rows before it were learnt from.`;
  const gaps = filled.size === 0 ? '' : ` ${filled.size} missing rows were filled.`;
  return (
    `<p class="soft">Counted: ${wholeNumber(values.length - fromStep)} rows, one every ` +
    `${shortNumber(stepMs / 60_000)} min, from ${day(from)} to ${day(until)}.${learnt}${gaps}</p>`
  );
}

function figures({ reports }: Page): string {
  const priced = reports.some(({ cost }) => cost !== null);
  const rows = reports.map((report) => {
    const { policy, scaleEvents, instances, cost } = report;
    return [
      escaped(policy.name),
      wholeNumber(report.overloadMinutes),
      wholeNumber(report.instanceHours + report.preparingHours),
      `${instances.min}–${instances.max}`,
      wholeNumber(scaleEvents.up + scaleEvents.down),
      wholeNumber(report.clientsMoved),
      ...(priced ? [cost === null ? '–' : wholeNumber(cost)] : []),
    ];
  });
  const heads = [
    'policy',
    'overload, min',
    'instance-hours',
    'instances',
    'changes',
    'people moved',
  ];
  return table([...heads, ...(priced ? ['cost'] : [])], rows);
}

function load({ timeline: all, reports }: Page): string {
  const timeline = { ...all, served: all.served.slice(0, linesMax) };
  const { trace, fromStep, served } = timeline;
  const { startMs, stepMs, values } = trace;
  const week = worstWeek(timeline);
  const [first] = reports;
  const name = first?.policy.name ?? '';
  const legend = [
    '<span><span class="key load"></span> load</span>',
    '<span><span class="key over"></span> load above the capacity</span>',
    ...served.map(
      (of, at) => `<span><span class="key s${at}"></span> can serve: ${escaped(of.name)}</span>`,
    ),
  ];
  if (all.served.length > linesMax) legend.push(`<span>(the first ${linesMax} policies)</span>`);
  const why =
    week.overloaded === 0 ? 'the busiest week' : `the week with most overload of ${escaped(name)}`;
  const whole = {
    timeline,
    from: fromStep,
    to: values.length,
    about: 'Load and capacity over all that is counted',
  };
  const closer = { timeline, from: week.from, to: week.to, about: 'Load and capacity in one week' };
  return [
    '<h2>Load, and what could be served</h2>',
    `<div class="legend">${legend.join('')}</div>`,
    figure(
      (size) => loadChart(whole, size),
      'All that is counted: the load from its least to its most, and what could be served at the most.',
    ),
    figure((size) => loadChart(closer, size), `From ${day(startMs + week.from * stepMs)}: ${why}.`),
  ].join('\n');
}

function frontier(points: readonly Point[]): string {
  const isCost = points.some(({ cost, instanceHours }) => cost !== instanceHours);
  const x = { name: isCost ? 'cost' : 'instance-hours', of: (point: Point) => point.cost };
  const overload = { name: 'overload, minutes', of: (point: Point) => point.overloadMinutes };
  const moved = { name: 'people moved', of: (point: Point) => point.clientsMoved, log: false };
  const keys = families.map((family) => `<span>${symbolOf(family)} ${family}</span>`);
  return [
    `<h2>Frontier: ${x.name}, overload, people moved</h2>`,
    `<p class="soft">Each mark is one setting of ${points.length}; further left is cheaper, further down better.</p>`,
    `<div class="legend">${keys.join('')}</div>`,
    figure(
      (size) =>
        frontierChart(
          { points, x, y: { ...overload, log: true }, about: `Overload by ${x.name}` },
          size,
        ),
      `Minutes of overload (logarithmic) by ${x.name}.`,
    ),
    figure(
      (size) => frontierChart({ points, x, y: moved, about: `People moved by ${x.name}` }, size),
      `People moved by ${x.name}.`,
    ),
  ].join('\n');
}

function budgets({ points, overloads }: NonNullable<Page['search']>): string {
  return overloads
    .map((minutes) => {
      const rows = cheapestWithin(points, minutes).map((point, at) => {
        const family = families[at] ?? '';
        if (point === undefined) return [family, '–', '–', '–', '–', 'none is within it'];
        const { target, overloadMinutes, instanceHours, clientsMoved, setting } = point;
        const numbers = [overloadMinutes, instanceHours, clientsMoved].map(wholeNumber);
        return [family, shortNumber(target), ...numbers, escaped(setting)];
      });
      const heads = ['', 'target', 'overload, min', 'instance-hours', 'people moved', 'setting'];
      return `<h2>Cheapest within ${wholeNumber(minutes)} min of overload</h2>\n${table(heads, rows)}`;
    })
    .join('\n');
}

function forecast({ reports }: Page): string {
  const rows = reports.map(({ policy, forecast: of }) => [
    escaped(policy.name),
    of.horizonSteps.toString(),
    `${of.wape.toFixed(2)} %`,
    `${of.baselineWape.toFixed(2)} %`,
    `${(100 * of.trusted).toFixed(1)} %`,
    policy.forecastMode === 'acting' ? wholeNumber(of.acted) : `– (${policy.forecastMode})`,
  ]);
  const heads = ['policy', 'rows ahead', 'error', 'of the last value', 'trusted', 'acted'];
  return [
    '<h2>Forecast</h2>',
    '<p class="soft">Error: what it was off by, over the load, from what was known so many rows earlier.</p>',
    table(heads, rows),
  ].join('\n');
}

function reasons({ policy, reasons: counts, ticks }: Report): string {
  const rows = Object.entries(counts)
    .slice(0, reasonsShown)
    .map(([kind, times]) => [
      escaped(kind),
      wholeNumber(times),
      `<meter min="0" max="1" value="${Math.min(1, times / ticks).toFixed(4)}"></meter>`,
    ]);
  return [
    `<h2>Why: ${escaped(policy.name)}</h2>`,
    `<p class="soft">Of ${wholeNumber(ticks)} decisions; one may have several reasons.</p>`,
    table(['reason', 'times', 'share'], rows),
  ].join('\n');
}

function figure(chart: (size: Size) => string, caption: string): string {
  return [
    '<figure>',
    `<div class="wide">${chart(wide)}</div>`,
    `<div class="narrow">${chart(narrow)}</div>`,
    `<figcaption>${caption}</figcaption>`,
    '</figure>',
  ].join('\n');
}

/** On a telephone each row is a small list, its cells named by their columns. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((text) => `<th scope="col">${text}</th>`).join('');
  const cell = (text: string, at: number): string => {
    const words = heads[at] === 'setting' ? ' class="words"' : '';
    const named = at === 0 ? '' : ` data-head="${heads[at] ?? ''}"`;
    return `<td${words}${named}>${text}</td>`;
  };
  const body = rows.map((cells) => `<tr>${cells.map(cell).join('')}</tr>`);
  const kind = heads.length > 3 ? ' class="rows"' : '';
  return `<table${kind}><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
}

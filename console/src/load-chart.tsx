// Owns: the load of the last hours as a chart: connected clients, what was foreseen with its band, and where
// the policy grows and shrinks. Library: uPlot. What it shows is said below it in words.

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { LoadPicture, Past } from '../../src/console/picture.js';
import { columnsOf } from './load-columns.js';
import { count, timeOfDay } from './words.js';

const heightPx = 190;

export function LoadChart({ past: { load, forecast, sinceMs } }: { readonly past: Past }) {
  const isAhead = load.foreseen.some((value) => value !== null);
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const draw = () => {
      chart.current?.destroy();
      chart.current = new uPlot(optionsFor(element), dataOf(latest.current), element);
    };
    draw();
    const observer = new ResizeObserver(() =>
      chart.current?.setSize({ width: element.clientWidth, height: heightPx }),
    );
    observer.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', draw);
      chart.current?.destroy();
      chart.current = null;
    };
  }, []);
  useEffect(() => chart.current?.setData(dataOf(load)), [load]);
  return (
    <section class="card" aria-labelledby="load">
      <div class="head">
        <h2 id="load">Load and forecast</h2>
        <ul class="legend" aria-hidden="true">
          <li class="of-clients">clients</li>
          <li class="of-foreseen">forecast{isAhead && ' and its band'}</li>
          <li class="of-bounds">grows above, shrinks below</li>
        </ul>
      </div>
      <div ref={frame} class="chart" role="img" aria-label={textOf(load, sinceMs)} />
      <p class="note">
        {forecast === '' ? 'The policy wants no forecast.' : `Forecast: ${plain(forecast)}.`}
      </p>
    </section>
  );
}

const dataOf = (load: LoadPicture) => columnsOf(load) as unknown as uPlot.AlignedData;

function textOf({ atMs, clients }: LoadPicture, sinceMs: number): string {
  const known = clients.filter((value) => value !== null);
  const last = known.at(-1);
  if (last === undefined) return 'No load was recorded yet.';
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return `Clients since ${timeOfDay(sinceMs)}: ${count(last)} now, between ${count(least)} and ${count(most)}, in ${atMs.length} points.`;
}

/** `none: why` after a colon would be two of them. */
const plain = (forecast: string): string => forecast.replace(/^none: /, 'none, ');

function optionsFor(element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const [text, line, accent, foreseen, band] = [
    '--soft',
    '--line',
    '--accent',
    '--foreseen',
    '--band',
  ].map(colour) as [string, string, string, string, string];
  const axis = {
    stroke: text,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1 },
  };
  const bound = { stroke: text, width: 1, dash: [5, 4], points: { show: false } };
  return {
    width: element.clientWidth,
    height: heightPx,
    // The last label of time has room.
    padding: [12, 30, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    tzDate: (atS) => uPlot.tzDate(new Date(atS * 1_000), 'Etc/UTC'),
    scales: { y: { range: (_, __, most) => [0, Math.max(1, (most ?? 1) * 1.12)] } },
    axes: [
      { ...axis, values: '{HH}:{mm}:{ss}', space: 80 },
      // As all numbers of the page, whatever the language of the browser.
      { ...axis, size: 48, space: 36, values: (_, ticks) => ticks.map(count) },
    ],
    bands: [{ series: [6, 5], fill: band }],
    series: [
      {},
      { stroke: accent, width: 2, points: { show: false } },
      bound,
      bound,
      { stroke: foreseen, width: 2, dash: [2, 3], points: { show: false } },
      { stroke: 'transparent', points: { show: false } },
      { stroke: 'transparent', points: { show: false } },
    ],
  };
}

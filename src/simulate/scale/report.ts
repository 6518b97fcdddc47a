// Owns: what a run of the world at scale says in words: a table of 80 columns. Reads results only.

import { duration, number, percentile } from '../figures.js';
import type { ScaleOptions } from './model.js';
import type { ScaleChange } from './scale-world.js';

export function tableOf(
  options: ScaleOptions,
  clients: number,
  changes: readonly ScaleChange[],
): string {
  const head = `${options.instances} instances, ${number(options.partitions)} partitions, ${number(clients)} clients`;
  const rows: readonly (readonly [string, (change: ScaleChange) => string])[] = [
    ['', ({ from, to }) => `${from} to ${to}`],
    ['partitions moved', ({ moved }) => number(moved.partitions)],
    ['clients moved', ({ moved }) => number(moved.clients)],
    ['… of all', ({ moved }) => `${((100 * moved.clients) / clients).toFixed(1)} %`],
    ['waves', ({ waves }) => number(waves)],
    ['prepared after', ({ preparedMs }) => duration(preparedMs)],
    ['handed over after', ({ handedOverMs }) => duration(handedOverMs)],
    ['last client welcomed after', ({ tookMs }) => duration(tookMs)],
    ['gap P50', ({ gapsMs }) => `${Math.round(percentile(gapsMs, 0.5))} ms`],
    ['gap P90', ({ gapsMs }) => `${Math.round(percentile(gapsMs, 0.9))} ms`],
    ['gap P99', ({ gapsMs }) => `${Math.round(percentile(gapsMs, 0.99))} ms`],
    ['gap maximum', ({ gapsMs }) => `${Math.round(percentile(gapsMs, 1))} ms`],
    [
      'peak accepts of an instance',
      ({ peakAcceptPerSecond }) => `${number(peakAcceptPerSecond)}/s`,
    ],
    ['not returned', ({ moved, returned }) => number(moved.clients - returned)],
  ];
  const lines = rows.map(([name, cell]) => {
    const cells = changes.map((change) => cell(change).padStart(16));
    return `${name.padEnd(30)}${cells.join('')}`.trimEnd();
  });
  return [head, ...lines].join('\n');
}

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
    ['gap P50', ({ gapsMs }) => ms(gapsMs, 0.5)],
    ['gap P90', ({ gapsMs }) => ms(gapsMs, 0.9)],
    ['gap P99', ({ gapsMs }) => ms(gapsMs, 0.99)],
    ['gap maximum', ({ gapsMs }) => ms(gapsMs, 1)],
    ['without the network, P50', ({ addedMs }) => ms(addedMs, 0.5)],
    ['without the network, P99', ({ addedMs }) => ms(addedMs, 0.99)],
    ['without the network, maximum', ({ addedMs }) => ms(addedMs, 1)],
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

function ms(sorted: Float64Array, share: number): string {
  return `${Math.round(percentile(sorted, share))} ms`;
}

// Owns: the run of `--big`: the change up and the change down, the table and the picture.

import { writeFileSync } from 'node:fs';
import { duration, percentile } from '../figures.js';
import { scaleDefaults, type ScaleOptions } from './model.js';
import { pictureOf } from './picture.js';
import { tableOf } from './report.js';
import { ScaleWorld, type ScaleChange } from './scale-world.js';

export interface ScaleRun {
  readonly table: string;
  readonly figures: object;
}

export async function runScale(
  seed: number,
  picture: string | null,
  say: (line: string) => void,
  over: Partial<ScaleOptions> = {},
): Promise<ScaleRun> {
  const options = { ...scaleDefaults, seed, ...over };
  const world = new ScaleWorld(options);
  const changes: ScaleChange[] = [];
  for (const to of [options.instances + options.by, options.instances]) {
    const startedMs = performance.now();
    changes.push(await world.change(to));
    say(`to ${to} instances: simulated in ${duration(performance.now() - startedMs)}`);
  }
  const clients = world.clientsTotal();
  if (picture !== null) writeFileSync(picture, pictureOf(options, clients, changes));
  const figures = { options, clients, changes: changes.map(withoutGaps) };
  return { table: tableOf(options, clients, changes), figures };
}

/** Half a million gaps are no figure: their percentiles are. */
function withoutGaps({ gapsMs, addedMs, ...figures }: ScaleChange): object {
  const summary = (sorted: Float64Array): object =>
    Object.fromEntries([0.5, 0.9, 0.99, 1].map((share) => [share, percentile(sorted, share)]));
  return { ...figures, gapMs: summary(gapsMs), withoutNetworkMs: summary(addedMs) };
}

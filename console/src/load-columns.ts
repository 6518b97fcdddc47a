// Owns: the load as the chart takes it: rows in order, what is no number left out, the band never upside down,
// and a line that ends where nothing was known for long. Pure.

import type { LoadPicture } from '../../src/console/picture.js';

/** The chart draws on over `undefined`, and ends a line at `null`. */
export type Cell = number | null | undefined;

/** Times in s, then clients, upper, lower, foreseen, low, high. */
export type LoadColumns = readonly [readonly number[], ...(readonly Cell[])[]];

/** Nothing known for so many times the usual distance between two points is a gap. */
const gapSteps = 5;
const gapMinMs = 60_000;

type Column = Exclude<keyof LoadPicture, 'atMs'>;
type Row = Readonly<Partial<Record<Column, number>>>;

const lines: readonly Column[] = ['clients', 'upper', 'lower', 'foreseen', 'low', 'high'];
/** What is known together is missing together. */
const known = { past: ['clients', 'upper', 'lower'], ahead: ['foreseen', 'low', 'high'] } as const;

export function columnsOf(load: LoadPicture): LoadColumns {
  const rows = rowsOf(load);
  const times = [...rows.keys()].sort((a, b) => a - b);
  const breaks = {
    past: breaksIn(times.filter((at) => rows.get(at)?.clients !== undefined)),
    ahead: breaksIn(times.filter((at) => rows.get(at)?.foreseen !== undefined)),
  };
  const all = [...new Set([...times, ...breaks.past, ...breaks.ahead])].sort((a, b) => a - b);
  const column = (name: Column): readonly Cell[] => {
    const ends = new Set(known.past.some((one) => one === name) ? breaks.past : breaks.ahead);
    return all.map((at) => rows.get(at)?.[name] ?? (ends.has(at) ? null : undefined));
  };
  return [all.map((at) => at / 1_000), ...lines.map(column)];
}

function rowsOf(load: LoadPicture): ReadonlyMap<number, Row> {
  const rows = new Map<number, Row>();
  load.atMs.forEach((at, index) => {
    if (!Number.isFinite(at)) return;
    const of = (name: Column): Row => {
      const value = load[name][index];
      return typeof value === 'number' && Number.isFinite(value)
        ? { [name]: Math.max(0, value) }
        : {};
    };
    const { foreseen, low, high } = { ...of('foreseen'), ...of('low'), ...of('high') };
    const isBand = foreseen !== undefined && low !== undefined && high !== undefined;
    rows.set(at, {
      ...rows.get(at),
      ...of('clients'),
      ...of('upper'),
      ...of('lower'),
      ...of('foreseen'),
      ...(isBand ? { low: Math.min(low, high), high: Math.max(low, high) } : {}),
    });
  });
  return rows;
}

/** Moments between two that are far from each other. */
function breaksIn(times: readonly number[]): readonly number[] {
  const steps = times.slice(1).map((at, index) => at - (times[index] ?? at));
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const gapMs = Math.max(gapMinMs, gapSteps * usual);
  return steps.flatMap((step, index) => (step > gapMs ? [(times[index] ?? 0) + step / 2] : []));
}

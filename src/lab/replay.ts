// Owns: a trace in virtual time: row after row, with as many evaluations between two rows as each world
// wants, several worlds side by side, and the forecasts that they share. Never reads a file or a clock.

import { Outlook, type ForecastScore } from './outlook.js';
import type { Trace } from './trace.js';
import type { World } from './world.js';

/** A world and what it is told of the future; worlds that want the same forecast share it. */
export interface Seat {
  readonly world: World;
  /** Absent: it looks at no forecast. */
  readonly horizonSteps?: number;
  readonly trust?: { readonly margin: number; readonly daysMin: number };
  /** Whose days and weeks the load follows; absent: UTC. */
  readonly zone?: string;
}

export interface ReplayOptions {
  readonly trace: Trace;
  readonly seats: readonly Seat[];
  /** Data row from which on everything is counted; those before it are lived through and learnt from. */
  readonly from: number;
  /** Called now and then; may take its time. */
  readonly onRow?: (row: number, rows: number) => void;
  /** Called after the last evaluation of each row that is counted. */
  readonly eachRow?: (row: number) => void;
}

const rowsBetweenProgress = 1_024;

/**
 * Scores of the forecast of each seat, in their order; undefined for who has none. Memory: the trace and what a forecaster keeps;
 * time: some 5 µs a row and forecast, and some 2 µs an evaluation.
 */
export function replay(options: ReplayOptions): readonly (ForecastScore | undefined)[] {
  const { trace, seats, from, onRow, eachRow } = options;
  const { values, stepMs, startMs, filled } = trace;
  const outlooks = outlooksOf(options);
  const shared = new Set(outlooks.filter((outlook) => outlook !== undefined));
  const rows = values.length;
  let dataRow = -1;
  for (let row = 0; row < rows; row += 1) {
    const load = values[row] ?? 0;
    const next = values[row + 1] ?? load;
    const isFilled = filled.size > 0 && filled.has(row);
    if (!isFilled) dataRow += 1;
    const counted = dataRow >= from;
    for (const outlook of shared) outlook.observe(isFilled ? undefined : load, dataRow);
    const atMs = startMs + row * stepMs;
    for (let seat = 0; seat < seats.length; seat += 1) {
      const world = seats[seat]?.world;
      if (world === undefined) continue;
      const forecast = outlooks[seat]?.expected;
      const { ticksPerRow } = world;
      for (let tick = 0; tick < ticksPerRow; tick += 1) {
        const part = tick / ticksPerRow;
        // A level that hardly moves within minutes lies on the line between two rows.
        const between = tick === 0 ? load : load + (next - load) * part;
        world.tick({ nowMs: atMs + part * stepMs, load: between, forecast, counted });
      }
    }
    if (counted) eachRow?.(row);
    if (row % rowsBetweenProgress === 0) onRow?.(row, rows);
  }
  return outlooks.map((outlook) => outlook?.score());
}

function outlooksOf({ trace, seats, from }: ReplayOptions): (Outlook | undefined)[] {
  const { stepMs, startMs } = trace;
  const known = new Map<string, Outlook>();
  return seats.map(({ horizonSteps, trust, zone = 'UTC' }) => {
    if (horizonSteps === undefined || trust === undefined) return undefined;
    const key = `${horizonSteps} ${trust.margin} ${trust.daysMin} ${zone}`;
    const outlook =
      known.get(key) ?? new Outlook({ ...{ horizonSteps, from, trust, zone }, stepMs, startMs });
    known.set(key, outlook);
    return outlook;
  });
}

// Owns: how a search reads in a terminal of 80 columns. Pure.

import { cheapestWithin, families, safestWithin, type Point } from '../../lab/search.js';
import { count } from './text.js';

/** Nobody of a family stays within it. */
const nobody = '–';

export interface Searched {
  readonly points: readonly Point[];
  /** Minutes of overload that may be. */
  readonly overloads: readonly number[];
  /** Instance-hours that may be. */
  readonly hours: readonly number[];
}

/** What fits which budget, as tables and as a value. */
export function searchText({ points, overloads, hours }: Searched): string {
  const frontier = points.filter((point) => point.frontier).length;
  return [
    `search     ${points.length} settings, ${frontier} of them beaten by no other of their kind`,
    ...overloads.flatMap((minutes) =>
      table(`cheapest within ${count(minutes)} min of overload`, cheapestWithin(points, minutes)),
    ),
    ...hours.flatMap((most) =>
      table(`least overload within ${count(most)} instance-hours`, safestWithin(points, most)),
    ),
  ].join('\n');
}

export function searchJson({ points, overloads, hours }: Searched): object {
  const named = (best: readonly (Point | undefined)[]): object =>
    Object.fromEntries(families.map((family, at) => [family, best[at] ?? null]));
  return {
    // Policies of those that somebody might want: all of them would be half a megabyte.
    points: points.map(({ policy, ...point }) =>
      point.frontier && policy !== undefined ? { ...point, policy } : point,
    ),
    within: [
      ...overloads.map((overloadMinutes) => ({
        overloadMinutes,
        best: named(cheapestWithin(points, overloadMinutes)),
      })),
      ...hours.map((instanceHours) => ({
        instanceHours,
        best: named(safestWithin(points, instanceHours)),
      })),
    ],
  };
}

function table(title: string, best: readonly (Point | undefined)[]): string[] {
  const head = row('', ['target', 'overload', 'inst.-hours', 'moved', 'changes']);
  return [
    '',
    title,
    `${head}  setting`,
    ...families.map((family, at) => {
      const point = best[at];
      if (point === undefined) return row(family, [nobody, nobody, nobody, nobody, nobody]);
      const { target, overloadMinutes, instanceHours, clientsMoved, scaleEvents } = point;
      const cells = [target, overloadMinutes, instanceHours, clientsMoved, scaleEvents].map(count);
      return `${row(family, cells)}  ${point.setting}`;
    }),
  ];
}

const widths = [7, 9, 12, 11, 8];

const row = (name: string, cells: readonly string[]): string =>
  `${name.padEnd(17)}${cells.map((cell, at) => cell.padStart(widths[at] ?? 0)).join('')}`;

// Owns: the chart of a search: two of cost, overload and people moved against each other, a mark for each
// setting, and a line through those that nobody of their family beats in the two. Marks by d3-shape.

import { scaleLinear, scaleSymlog } from 'd3-scale';
import {
  line,
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolTriangle,
} from 'd3-shape';
import { families, type Family, type Point } from '../search.js';
import { framed, plotOf, type Size } from './frame.js';
import { escaped, px, shortNumber, wholeNumber } from './markup.js';

type Number = (point: Point) => number;

export interface FrontierChart {
  readonly points: readonly Point[];
  readonly x: { readonly name: string; readonly of: Number };
  readonly y: { readonly name: string; readonly of: Number; readonly log: boolean };
  readonly about: string;
}

const symbols = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond, symbolCross] as const;
const pixelsPerTick = 80;

export function frontierChart({ points, x, y, about }: FrontierChart, size: Size): string {
  const { left, right, top, bottom } = plotOf(size);
  const xs = points.map(x.of);
  const ys = points.map(y.of);
  const highest = Math.max(1, ...ys);
  const across = scaleLinear([Math.min(...xs), Math.max(...xs)], [left + 8, right - 8]).nice();
  const upwards = y.log
    ? scaleSymlog([0, highest], [bottom, top]).constant(10)
    : scaleLinear([Math.min(...ys), highest], [bottom, top]).nice();
  const count = Math.max(2, Math.floor((right - left) / pixelsPerTick));
  const at = (point: Point) => [across(x.of(point)), upwards(y.of(point))] as const;
  const ticks = y.log ? powersOfTen(highest) : upwards.ticks(5);

  const path = line<Point>()
    .x((point) => at(point)[0])
    .y((point) => at(point)[1])
    .digits(1);
  return framed({
    size,
    about,
    xName: x.name,
    yName: y.name,
    x: across.ticks(count).map((tick) => ({ at: across(tick), label: shortNumber(tick) })),
    y: ticks.map((tick) => ({ at: upwards(tick), label: shortNumber(tick) })),
    marks: families.flatMap((family, index) => {
      const own = points.filter((point) => point.family === family);
      const shape = symbol(symbols[index] ?? symbolCircle, 26).digits(1)() ?? '';
      return [
        `<path class="front f${index}" d="${path(edgeOf(own, x.of, y.of)) ?? ''}"/>`,
        ...own.map((point) => {
          const [cx, cy] = at(point);
          return `<path class="dot f${index}" transform="translate(${px(cx)},${px(cy)})" d="${shape}"><title>${escaped(wordsOf(point))}</title></path>`;
        }),
      ];
    }),
  });
}

/** The mark of a family, for the legend. */
export function symbolOf(family: Family): string {
  const index = families.indexOf(family);
  const shape = symbol(symbols[index] ?? symbolCircle, 40).digits(1)() ?? '';
  return `<svg class="mark" viewBox="-6 -6 12 12" width="12" height="12" aria-hidden="true"><path class="dot f${index}" d="${shape}"/></svg>`;
}

/** Of points with at most that x, those with the least y; ascending in x. */
function edgeOf(points: readonly Point[], x: Number, y: Number): readonly Point[] {
  let least = Infinity;
  return [...points]
    .sort((a, b) => x(a) - x(b) || y(a) - y(b))
    .filter((point) => {
      const lower = y(point) < least;
      if (lower) least = y(point);
      return lower;
    });
}

function wordsOf({ family, setting, target, ...of }: Point): string {
  const { overloadMinutes, instanceHours, clientsMoved } = of;
  return (
    `${family}, target ${shortNumber(target)}, ${setting}: ${wholeNumber(overloadMinutes)} min of overload, ` +
    `${wholeNumber(instanceHours)} instance-hours, ${wholeNumber(clientsMoved)} moved`
  );
}

function powersOfTen(highest: number): number[] {
  const ticks = [0];
  for (let tick = 10; tick <= highest; tick *= 10) ticks.push(tick);
  return ticks;
}

// Owns: what all charts have around their marks: size, axes, grid, names of the axes, as SVG whose colours
// are the page's. Scales and ticks are d3-scale's. Never knows what is shown.

import { escaped, px } from './markup.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A page has each chart twice: as wide as a sheet of paper, and as a telephone. */
export const wide: Size = { width: 720, height: 280 };
export const narrow: Size = { width: 330, height: 240 };

const margins = { left: 52, right: 12, top: 24, bottom: 40 };

export const plotOf = ({ width, height }: Size): Plot => ({
  left: margins.left,
  right: width - margins.right,
  top: margins.top,
  bottom: height - margins.bottom,
});

export interface AxisTick {
  readonly at: number;
  readonly label: string;
}

export interface Framed {
  readonly size: Size;
  readonly x: readonly AxisTick[];
  readonly y: readonly AxisTick[];
  readonly xName: string;
  readonly yName: string;
  /** What somebody hears who cannot see it. */
  readonly about: string;
  readonly marks: readonly string[];
}

export function framed({ size, x, y, xName, yName, about, marks }: Framed): string {
  const { left, right, bottom } = plotOf(size);
  const grid = y.map(
    ({ at, label }) =>
      `<line class="grid" x1="${left}" x2="${right}" y1="${px(at)}" y2="${px(at)}"/>` +
      `<text class="tick" x="${left - 6}" y="${px(at + 4)}" text-anchor="end">${escaped(label)}</text>`,
  );
  const ticks = x.map(({ at, label }) => {
    // The last name must not run out of the picture.
    const anchor = at > right - 6 * (label.length / 2) ? 'end' : 'middle';
    return (
      `<line class="axis" x1="${px(at)}" x2="${px(at)}" y1="${bottom}" y2="${bottom + 4}"/>` +
      `<text class="tick" x="${px(anchor === 'end' ? right : at)}" y="${bottom + 17}" text-anchor="${anchor}">${escaped(label)}</text>`
    );
  });
  return [
    `<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escaped(about)}">`,
    ...grid,
    ...ticks,
    `<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>`,
    `<text class="name" x="4" y="13">${escaped(yName)}</text>`,
    `<text class="name" x="${right}" y="${size.height - 5}" text-anchor="end">${escaped(xName)}</text>`,
    ...marks,
    '</svg>',
  ].join('\n');
}

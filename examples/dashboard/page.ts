// Owns: the answers of the dashboard's queries as one page of HTML with inline SVG, on the dashboard's own
// grid. A picture of the data, not of Grafana. Pure: asks nobody and knows no file.

import type { AnsweredPanel, Answer } from './panels.js';

/** Of the dashboard's grid: 24 columns, rows of any number. */
const columnPx = 58;
const rowPx = 27;
const gapPx = 8;
const chartTopPx = 30;
const legendRowPx = 14;
const axisPx = 44;
const colours = ['#1f6feb', '#d9480f', '#2b8a3e', '#9c36b5', '#e8a400', '#0b7285', '#c2255c'];
const legendMax = 4;

export const pageWidthPx = 24 * columnPx + gapPx;

export function pageHeightPx(panels: readonly AnsweredPanel[]): number {
  return Math.max(...panels.map(({ panel: { gridPos } }) => gridPos.y + gridPos.h)) * rowPx + gapPx;
}

type Line = Answer['series'][number];

export function pageOf(panels: readonly AnsweredPanel[]): string {
  const height = pageHeightPx(panels);
  return `<!doctype html><meta charset="utf-8"><title>Evenkeel</title>
<body style="margin:0;background:#f4f5f7"><svg xmlns="http://www.w3.org/2000/svg" width="${pageWidthPx}"
 height="${height}" font-family="sans-serif" font-size="11">${panels.map(panelSvg).join('\n')}</svg></body>`;
}

function panelSvg({ panel, answers }: AnsweredPanel): string {
  const { x, y, w, h } = panel.gridPos;
  const at = `translate(${x * columnPx + gapPx}, ${y * rowPx + gapPx})`;
  if (panel.type === 'row') {
    return `<g transform="${at}"><text y="14" font-size="13" font-weight="bold">${text(panel.title)}</text></g>`;
  }
  const size = { width: w * columnPx - gapPx, height: h * rowPx - gapPx };
  const lines = answers.flatMap(({ series }) => series);
  const unit = panel.fieldConfig?.defaults.unit ?? 'short';
  const inside = panel.type === 'stat' ? statSvg(lines, unit, size) : chartSvg(lines, unit, size);
  return `<g transform="${at}"><rect width="${size.width}" height="${size.height}" fill="#fff" stroke="#d0d4da"/>
<text x="8" y="18" font-weight="bold">${text(panel.title)}</text>${inside}</g>`;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function statSvg(lines: readonly Line[], unit: string, { width, height }: Size): string {
  const value = lines[0]?.points.findLast(([, one]) => Number.isFinite(one))?.[1];
  const shown = value === undefined ? 'no data' : withUnit(value, unit);
  return `<text x="${width / 2}" y="${height / 2 + 18}" font-size="30" text-anchor="middle">${shown}</text>`;
}

function chartSvg(lines: readonly Line[], unit: string, { width, height }: Size): string {
  if (lines.length === 0) {
    return `<text x="${width / 2}" y="${height / 2}" text-anchor="middle" fill="#777">nothing: all is well</text>`;
  }
  const points = lines.flatMap((line) => line.points).filter(([, value]) => Number.isFinite(value));
  const times = points.map(([atS]) => atS);
  const [fromS, toS] = [Math.min(...times), Math.max(...times)];
  const top = niceAbove(Math.max(...points.map(([, value]) => value)));
  const rows = Math.min(lines.length, legendMax);
  const bottom = height - 22 - rows * legendRowPx;
  const xOf = (atS: number) =>
    axisPx + ((atS - fromS) / Math.max(1, toS - fromS)) * (width - axisPx - 10);
  const yOf = (value: number) => bottom - (value / top) * (bottom - chartTopPx);
  const grid = [0, top / 2, top].map(
    (
      value,
    ) => `<line x1="${axisPx}" x2="${width - 10}" y1="${yOf(value)}" y2="${yOf(value)}" stroke="#e5e7eb"/>
<text x="${axisPx - 5}" y="${yOf(value) + 4}" text-anchor="end" fill="#666">${withUnit(value, unit)}</text>`,
  );
  const drawn = lines.map((line, i) => {
    const colour = colours[i % colours.length] ?? '';
    const legend =
      i >= legendMax
        ? ''
        : `<rect x="10" y="${bottom + 20 + i * legendRowPx}" width="10" height="4" fill="${colour}"/>
<text x="26" y="${bottom + 26 + i * legendRowPx}">${text(line.name)}</text>`;
    return `<path d="${pathOf(line, xOf, yOf)}" fill="none" stroke="${colour}" stroke-width="1.5"/>${legend}`;
  });
  const ends = `<text x="${axisPx}" y="${bottom + 13}" fill="#666">0 s</text>
<text x="${width - 10}" y="${bottom + 13}" text-anchor="end" fill="#666">${Math.round(toS - fromS)} s</text>`;
  return [...grid, ends, ...drawn].join('');
}

/** Broken where there is no number. */
function pathOf(line: Line, xOf: (atS: number) => number, yOf: (value: number) => number): string {
  let word = 'M';
  return line.points
    .map(([atS, value]) => {
      if (!Number.isFinite(value)) {
        word = 'M';
        return '';
      }
      const step = `${word}${xOf(atS).toFixed(1)} ${yOf(value).toFixed(1)}`;
      word = 'L';
      return step;
    })
    .join('');
}

/** The next of 1, 2, 5 × 10ⁿ. */
function niceAbove(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

const suffixes: Readonly<Record<string, string>> = { s: ' s', ms: ' ms', cps: '/s' };

function withUnit(value: number, unit: string): string {
  return `${Number(value.toPrecision(3))}${suffixes[unit] ?? ''}`;
}

function text(plain: string): string {
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

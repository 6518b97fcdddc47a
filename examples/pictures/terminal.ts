// Owns: a terminal picture of what `npm run demo` printed, as an animated SVG: one scene of it, each line at
// its moment. The text is the command's own, unchanged. Without animation all lines are there. Pure.

import { stripVTControlCharacters } from 'node:util';

/** Of a scene of twenty seconds or more nobody waits for the end. */
const playedMaxSeconds = 9;
const charPx = 7.8;
const linePx = 18;
const marginPx = 18;
const columns = 80;

const colours = {
  back: '#10151c',
  text: '#d5dde6',
  dim: '#8b98a8',
  head: '#7cc4ff',
  good: '#7ee2a8',
};

interface Line {
  readonly text: string;
  /** Seconds since the demo began. */
  readonly at: number;
}

/**
 * The scene whose heading begins so (`grow`), without links to a server that is gone.
 * @throws Error when the output has no such scene
 */
export function demoScene(output: string, scene: string): readonly Line[] {
  const all = stripVTControlCharacters(output).split('\n');
  const first = all.findIndex((line) => line.startsWith(`── ${scene}`));
  if (first === -1) throw new Error(`the output has no scene "${scene}"`);
  const length = all.slice(first + 1).findIndex((line) => line.startsWith('── '));
  const lines = all
    .slice(first, length === -1 ? undefined : first + 1 + length)
    .filter((line) => line.trim() !== '' && !line.includes('http://'));
  return withTimes(lines);
}

/** Lines without a stamp lie evenly between the two that have one. */
function withTimes(lines: readonly string[]): readonly Line[] {
  const stamps = lines.map((line) => Number(/^ *([\d.]+) s {2}/.exec(line)?.[1] ?? NaN));
  const known = stamps.flatMap((at, index) => (Number.isNaN(at) ? [] : [{ at, index }]));
  return lines.map((text, index) => {
    const before = known.findLast((stamp) => stamp.index <= index) ?? known[0];
    const after = known.find((stamp) => stamp.index > index) ?? before;
    if (before === undefined || after === undefined) return { text, at: 0 };
    const span = after.index - before.index;
    const share = span > 0 ? Math.max(0, index - before.index) / span : 0;
    return { text, at: before.at + share * (after.at - before.at) };
  });
}

/** The picture, readable on light and on dark pages: it brings its own background. */
export function terminalSvg(lines: readonly Line[], title: string): string {
  const from = lines[0]?.at ?? 0;
  const seconds = Math.max(0.001, (lines.at(-1)?.at ?? 0) - from);
  const speed = Math.min(1, playedMaxSeconds / seconds);
  const width = Math.ceil(columns * charPx + 2 * marginPx);
  const height = Math.ceil(lines.length * linePx + 2 * marginPx);
  const rows = lines.map(({ text, at }, index) => {
    const y = marginPx + (index + 0.75) * linePx;
    const delay = ((at - from) * speed).toFixed(2);
    return `<text x="${marginPx}" y="${y}" fill="${colourOf(text)}" style="animation-delay:${delay}s">${escaped(text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<style>text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre;animation:come .25s backwards}@keyframes come{from{opacity:0}}@media(prefers-reduced-motion:reduce){text{animation:none}}</style>
<rect width="${width}" height="${height}" rx="8" fill="${colours.back}"/>
${rows.join('\n')}
</svg>
`;
}

function colourOf(text: string): string {
  if (text.startsWith('──')) return colours.head;
  if (
    /^ +rev\. |^ +[0-9a-z]{40,}$|0 lost|overlaps|two instances at once|moved \(no plan|^ +with them/.test(
      text,
    )
  ) {
    return colours.good;
  }
  return /^ +·|^ {10}/.test(text) ? colours.dim : colours.text;
}

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

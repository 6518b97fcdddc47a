// Owns: how tables of figures look on a terminal of 80 columns and in Markdown. Knows no figure.

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Narrow no-break space: digits in groups of three that no line break parts. */
const groupSeparator = '\u202f';

export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, groupSeparator);
}

/** With so many decimals, fewer where the number is large anyway; `–` for what is no number. */
export function fixed(value: unknown, decimals: number): string {
  if (typeof value !== 'number' || Number.isNaN(value)) return '–';
  if (value === Infinity) return '∞';
  if (Math.abs(value) >= 1_000) return grouped(Math.round(value));
  return value.toFixed(Math.abs(value) >= 100 ? Math.min(1, decimals) : decimals);
}

/** First column to the left, figures to the right. */
export function textTable({ columns, rows }: Table): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]): string =>
    widths
      .map((width, i) => (i === 0 ? (row[i] ?? '').padEnd(width) : (row[i] ?? '').padStart(width)))
      .join('  ');
  return all.map((row) => `  ${line(row).trimEnd()}\n`).join('');
}

export function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const rule = columns.map((_, i) => (i === 0 ? '---' : '--:'));
  return [columns, rule, ...rows].map(line).join('');
}

/** A paragraph in lines of at most so many characters. */
export function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines.map((line) => `${line}\n`).join('');
}

// Owns: how numbers are said to people: times, counts, Markdown cells. Pure.

export function seconds(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

/** `1 wave`, `3 waves`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** `13:06:47 UTC`. */
export function clockText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(11, 19)} UTC`;
}

/** Cells of a Markdown table are one line without bars. */
export function cell(text: string): string {
  return text.replace(/\|/g, '/').replace(/\s*\n\s*/g, ' ');
}

/** A short cell that is not broken into lines. */
export function unbroken(text: string): string {
  return cell(text).replaceAll(' ', '\u00a0');
}

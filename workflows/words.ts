// Owns: how numbers are said to people (times, counts), and texts on a page of Markdown. Pure.

export function seconds(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

/** `1 wave`, `3 waves`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** `1 client moves`, `3 clients move`; `alone` where the one does not merely take an s. */
export function doing(count: number, what: string, verb: string, alone = `${verb}s`): string {
  return `${counted(count, what)} ${count === 1 ? alone : verb}`;
}

/** `13:06:47 UTC`. */
export function clockText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(11, 19)} UTC`;
}

/** CommonMark lets each of these be escaped; they are all that means something within a line. */
const markup = /[\\`*_[\]<>&~]/g;
/** What means something where a line or an item of a list begins. */
const leading = /^(\d{0,9})([#+=-]|(?<=\d)[.)](?=\s|$))/;

/**
 * What somebody else said, as it stands between Markdown of ours: one line without bars, as cells of a
 * table are, in which nothing is markup. Whoever may send a text must not write our headline, or a link.
 */
export function cell(text: string): string {
  const line = text
    .replace(/\|/g, '/')
    .replace(/\s*[\n\r\u2028\u2029]\s*/g, ' ')
    .trimStart();
  return line.replace(markup, '\\$&').replace(leading, '$1\\$2');
}

/** Within backquotes nothing can be escaped: there are none in it. */
export function quoted(text: string): string {
  return `\`${text.replace(/[`\n\r]/g, "'")}\``;
}

/** A short cell that is not broken into lines. */
export function unbroken(text: string): string {
  return cell(text).replaceAll(' ', '\u00a0');
}

// Owns: text that becomes part of a page: nothing that anybody named can become markup. Pure.

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (found) => entities[found] ?? found);

/** Tenths of a pixel are seen by nobody, and more digits make a page large. */
export const px = (value: number): string => `${Math.round(value * 10) / 10}`;

/** `12 345`, `0.38`, `12.3M`: what fits beside an axis, and a table's cell. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${trimmed(value / 1e6, 2)}M`;
  if (size >= 1e4) return `${trimmed(value / 1e3, size >= 1e5 ? 0 : 1)}k`;
  return trimmed(value, size >= 100 ? 0 : 2);
}

export function wholeNumber(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

const trimmed = (value: number, digits: number): string =>
  value
    .toFixed(digits)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');

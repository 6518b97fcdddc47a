// Owns: times as people read them in the output of commands, in UTC: operators of one service sit in
// several time zones, and logs are in UTC too. Pure.

import { BadInputError } from '../errors.js';

/** `2026-11-24 09:08:05Z` */
export function timeText(atMs: number): string {
  return new Date(atMs)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

/** `840 ms`, `12.3 s`, `4 min 5 s`, `3 h 20 min`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90s`, `15m`, `1h`, `2d` in ms. @throws BadInputError naming the option */
export function durationMs(option: string, text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * (unitMs[unit ?? ''] ?? NaN);
  if (ms > 0) return ms;
  throw new BadInputError(`${option} is ${text}`, {
    field: option,
    found: text,
    allowed: 'a duration such as 90s, 15m, 1h or 2d',
  });
}

// Owns: the platform's own words for why an instance is not Ready, as one line that fits into a payload.

import type { PlatformView } from '../src/ports.js';

/** A payload stays below 2 KB. */
const troubleMaxChars = 400;

export function troubleIn(view: PlatformView | undefined, instance: string): { trouble?: string } {
  const trouble = view?.troubles?.[instance];
  return trouble === undefined
    ? {}
    : { trouble: trouble.replace(/\p{Cc}+/gu, ' ').slice(0, troubleMaxChars) };
}

/** `messaging-1 not ready within 5000 ms: ended by itself 4 times …` */
export function notReadyText(
  view: PlatformView | undefined,
  instance: string,
  withinMs: number,
): string {
  const { trouble } = troubleIn(view, instance);
  return `${instance} not ready within ${withinMs} ms${trouble === undefined ? '' : `: ${trouble}`}`;
}

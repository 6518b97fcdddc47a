// Owns: the platform's own words for why an instance is not Ready, as one line that fits into a payload.

import { printable, shorten } from '../src/core/bytes.js';
import type { PlatformView } from '../src/ports.js';

/** A payload stays below 2 KB. */
const troubleMaxBytes = 400;

export function troubleIn(view: PlatformView | undefined, instance: string): { trouble?: string } {
  const trouble = view?.troubles?.[instance];
  return trouble === undefined ? {} : { trouble: shorten(printable(trouble), troubleMaxBytes) };
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

// From which web pages browsers may connect. What admits a client is the token in its first frame and
// no cookie, so a foreign page gains nothing by connecting: by default any origin may. A list keeps
// other sites from using the service at all, and from costing it sockets. Programs that are no
// browsers send no origin and are not asked.

import { BadInputError } from '../errors.js';
import { originsMax } from '../limits.js';

/** Undefined takes any. */
export type AllowOrigin = (origin: string | undefined) => boolean;

/** `origins`: `https://chat.example.com`, compared as browsers write them; undefined for any. */
export function originCheck(origins: readonly string[] | undefined): AllowOrigin {
  if (origins === undefined) return () => true;
  const allowed = new Set(origins);
  return (origin) => origin === undefined || allowed.has(origin);
}

/** `EVENKEEL_ORIGINS`: a list with commas, or `*`. Throws BadInputError. */
export function readOrigins(text: string): readonly string[] | undefined {
  if (text.trim() === '*') return undefined;
  const origins = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const origin of origins) {
    if (originOf(origin) === origin) continue;
    throw new BadInputError(
      `EVENKEEL_ORIGINS holds "${origin.slice(0, 80)}"; it must be origins as browsers write them, with commas, or *`,
      { field: 'EVENKEEL_ORIGINS', found: origin, allowed: 'https://chat.example.com' },
    );
  }
  if (origins.length > 0 && origins.length <= originsMax) return origins;
  throw new BadInputError(`EVENKEEL_ORIGINS must hold 1 to ${originsMax} origins, or *`, {
    field: 'EVENKEEL_ORIGINS',
    found: text,
    allowed: 'https://chat.example.com,https://other.example.com',
  });
}

/** Scheme, host and port, without a path and in lower case; null when it is no address. */
function originOf(text: string): string | null {
  try {
    const { origin } = new URL(text);
    return origin === 'null' ? null : origin;
  } catch {
    return null;
  }
}

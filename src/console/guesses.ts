// Owns: who has guessed too often within a minute: counts wrong tokens alone, so that many people behind one
// address may log in at once. Pure but for what it remembers.

import { isIPv6 } from 'node:net';
import { consoleGuessersMax, consoleGuessesPerMinuteMax } from './limits.js';

export interface Guesses {
  /** Whether what comes from there is looked at now. */
  mayTry(whence: string, nowMs: number): boolean;
  wasWrong(whence: string, nowMs: number): void;
}

const minuteMs = 60_000;

export function createGuesses(): Guesses {
  const wrong = new Map<string, { readonly sinceMs: number; count: number }>();
  const present = (whence: string, nowMs: number) => {
    const found = wrong.get(whence);
    return found !== undefined && nowMs - found.sinceMs < minuteMs ? found : undefined;
  };
  return {
    mayTry: (whence, nowMs) => (present(whence, nowMs)?.count ?? 0) < consoleGuessesPerMinuteMax,
    wasWrong(whence, nowMs) {
      const known = present(whence, nowMs);
      if (known !== undefined) {
        known.count += 1;
        return;
      }
      wrong.delete(whence); // Set anew it is the youngest.
      for (const oldest of wrong.keys()) {
        if (wrong.size < consoleGuessersMax) break;
        wrong.delete(oldest);
      }
      wrong.set(whence, { sinceMs: nowMs, count: 1 });
    },
  };
}

/**
 * From where somebody tries: the person whom a proxy has named, else the address; of IPv6 its network, since
 * whoever has one has 2^64 addresses.
 */
export function whenceOf(address: string, named: string | undefined): string {
  if (named !== undefined) return `person ${named}`;
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  return `${networkOf(address)}::/64`;
}

/** Its first four groups, written out. */
function networkOf(address: string): string {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length);
  const all = [...groups, ...new Array<string>(zeros).fill('0'), ...rest];
  return all.slice(0, 4).join(':');
}

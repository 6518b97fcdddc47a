// Owns: the check of what plain JavaScript hands to an exported function, where no compiler looked: one
// sentence that names the field, what was found and what is allowed, instead of a TypeError from within.
// Looks at shapes alone, never at what a value means.

import { BadInputError } from './errors.js';

export interface Wanted {
  readonly allowed: string;
  readonly fits: (found: unknown) => boolean;
}

export const aText: Wanted = {
  allowed: 'a text that is not empty',
  fits: (found) => typeof found === 'string' && found !== '',
};
export const aFunction: Wanted = {
  allowed: 'a function',
  fits: (found) => typeof found === 'function',
};
export const anObject: Wanted = { allowed: 'an object', fits: isObject };

export function aWholeNumber(from: number, to: number): Wanted {
  const fits = (found: unknown) => Number.isInteger(found) && within(found as number);
  const within = (found: number) => found >= from && found <= to;
  return { allowed: `a whole number from ${from} to ${to}`, fits };
}

/** At least one. */
export function aListOf(each: Wanted): Wanted {
  const fits = (found: unknown) =>
    Array.isArray(found) && found.length > 0 && found.every((one) => each.fits(one));
  return { allowed: `a list of at least one, each ${each.allowed}`, fits };
}

/** An object that can do these. */
export function aPort(...methods: readonly string[]): Wanted {
  const fits = (found: unknown) =>
    isObject(found) && methods.every((name) => typeof found[name] === 'function');
  return { allowed: `an object with the functions ${methods.join(', ')}`, fits };
}

export function either(one: Wanted, other: Wanted): Wanted {
  const fits = (found: unknown) => one.fits(found) || other.fits(found);
  return { allowed: `${one.allowed}, or ${other.allowed}`, fits };
}

export function optional(wanted: Wanted): Wanted {
  const fits = (found: unknown) => found === undefined || wanted.fits(found);
  return { allowed: `${wanted.allowed}, or nothing`, fits };
}

/** `who`: the function as people call it. Looks at the fields in their order. @throws BadInputError */
export function checkGiven(
  who: string,
  given: unknown,
  fields: Readonly<Record<string, Wanted>>,
): void {
  if (!isObject(given)) {
    const allowed = `an object with ${Object.keys(fields).join(', ')}`;
    return refuse(who, 'its argument', given, allowed);
  }
  for (const [field, { fits, allowed }] of Object.entries(fields)) {
    if (!fits(given[field])) refuse(who, field, given[field], allowed);
  }
}

function refuse(who: string, field: string, value: unknown, allowed: string): never {
  const found = kindOf(value);
  const message = `${who}: ${field} is ${found}; give ${allowed}`;
  throw new BadInputError(message, { field, found, allowed });
}

/** Objects by their kind alone: there may be a password in one. */
function kindOf(found: unknown): string {
  if (Array.isArray(found)) return `a list of ${found.length}`;
  if (typeof found === 'function') return 'a function';
  if (isObject(found)) return 'an object that lacks something';
  if (typeof found === 'string') return JSON.stringify(found.slice(0, 40));
  return String(found);
}

function isObject(found: unknown): found is Readonly<Record<string, unknown>> {
  return typeof found === 'object' && found !== null && !Array.isArray(found);
}

// Owns: the forms that arguments of several commands have: whole numbers and texts that say something.
// Pure.

import { BadInputError } from '../errors.js';

/** More digits are a slip of the hand, and JSON would round them. */
const wholeNumberForm = /^\d{1,12}$/;

/** @throws BadInputError naming the argument: `1e1`, `0x3`, ` 3` and `` are no numbers here */
export function wholeNumber(
  name: string,
  text: string,
  { min, max }: { readonly min: number; readonly max?: number },
): number {
  const number = wholeNumberForm.test(text) ? Number(text) : NaN;
  if (number >= min && number <= (max ?? Infinity)) return number;
  throw new BadInputError(`${name} is ${shown(text)}`, {
    field: name,
    found: shown(text),
    allowed:
      max === undefined
        ? `a whole number of at least ${min}`
        : `a whole number from ${min} to ${max}`,
  });
}

/** An unset variable of a script gives an empty text; that is refused, not taken for nothing. */
export function said(name: string, text: string, allowed: string): string {
  if (text.trim() !== '') return text;
  throw new BadInputError(`${name} is empty`, { field: name, found: shown(text), allowed });
}

/** For an option of commander, which calls it with what was typed. */
export const saidOption =
  (name: string, allowed: string) =>
  (text: string): string =>
    said(name, text, allowed);

const shown = (text: string): string => (text.trim() === '' ? `"${text}"` : text);

/** Of `--by`, wherever a person is asked for. */
export const userAbsent = 'the name of this user when absent';
export const aName = 'the name of a person, or leave it out';

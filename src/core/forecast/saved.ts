// Owns: how numbers are written into saved state: as JSON, which knows no NaN and no infinity, such that
// reading it back and writing it again gives the same bytes.

export type SavedValue =
  number | string | boolean | null | readonly SavedValue[] | { readonly [key: string]: SavedValue };
export type Saved = { readonly [key: string]: SavedValue };

/** NaN (nothing there) becomes null; JSON writes a double such that it reads back the same. */
export function saved(values: ArrayLike<number>): readonly (number | null)[] {
  return Array.from(values, (value) => (Number.isFinite(value) ? value : null));
}

/** A list in saved state; what is none is an empty one. */
export function list(value: SavedValue | undefined): readonly SavedValue[] {
  return Array.isArray(value) ? (value as readonly SavedValue[]) : [];
}

/** The reverse of `saved`. */
export function numbers(value: SavedValue | undefined): number[] {
  return list(value).map((item) => (typeof item === 'number' ? item : Number.NaN));
}

/** A part of saved state; what is none is an empty one. */
export function part(value: SavedValue | undefined): Saved {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return value as Saved;
}

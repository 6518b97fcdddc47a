// Owns: what one policy says otherwise than another, field by field, defaults filled in. Pure.

export interface Difference {
  readonly field: string;
  /** As JSON; null: it is not there. */
  readonly before: string | null;
  readonly after: string | null;
}

/** In the order of the fields. */
export function differencesOf(before: unknown, after: unknown, path = ''): readonly Difference[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => {
      const field = path === '' ? key : `${path}.${key}`;
      return differencesOf(before[key], after[key], field);
    });
  }
  const [was, is] = [shown(before), shown(after)];
  return was === is ? [] : [{ field: path, before: was, after: is }];
}

const shown = (value: unknown): string | null =>
  value === undefined ? null : JSON.stringify(value);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

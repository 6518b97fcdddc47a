// Owns: what exploration does to machines as they are: copying one with all that hangs on it, writing
// it down as a text that is equal exactly for equal states, and letting time pass in it. It knows
// plain objects, class instances with their prototypes, arrays, maps and sets, and nothing of what
// they mean. Functions are carried over as they are: what explored machines own are methods.

type Fields = Record<string, unknown>;

/** A copy that shares nothing with the original. What was one object twice is one object twice. */
export function copyOf<T>(root: T): T {
  const copies = new Map<object, object>();
  const copy = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    if (Array.isArray(value)) {
      const array: unknown[] = [];
      copies.set(value, array);
      for (const item of value) array.push(copy(item));
      return array;
    }
    if (value instanceof Map) {
      const map = new Map<unknown, unknown>();
      copies.set(value, map);
      for (const [key, item] of value) map.set(copy(key), copy(item));
      return map;
    }
    if (value instanceof Set) {
      const set = new Set<unknown>();
      copies.set(value, set);
      for (const item of value) set.add(copy(item));
      return set;
    }
    const made = Object.create(Object.getPrototypeOf(value) as object) as Fields;
    copies.set(value, made);
    for (const key of Object.keys(value)) made[key] = copy((value as Fields)[key]);
    return made;
  };
  return copy(root) as T;
}

/** The state as text. Order within maps and sets counts: machines iterate over them. */
export function textOf(root: unknown): string {
  const numbers = new Map<object, number>();
  const parts: string[] = [];
  const write = (value: unknown): void => {
    if (typeof value === 'function') return void parts.push('f');
    if (typeof value !== 'object' || value === null) {
      return void parts.push(typeof value === 'string' ? JSON.stringify(value) : String(value));
    }
    const known = numbers.get(value);
    if (known !== undefined) return void parts.push('#', String(known));
    numbers.set(value, numbers.size);
    if (Array.isArray(value)) {
      parts.push('[');
      for (const item of value) {
        write(item);
        parts.push(',');
      }
      return void parts.push(']');
    }
    if (value instanceof Map) {
      parts.push('M(');
      for (const [key, item] of value) {
        write(key);
        parts.push(':');
        write(item);
        parts.push(',');
      }
      return void parts.push(')');
    }
    if (value instanceof Set) {
      parts.push('S(');
      for (const item of value) {
        write(item);
        parts.push(',');
      }
      return void parts.push(')');
    }
    parts.push('{');
    for (const key of Object.keys(value)) {
      parts.push(key, ':');
      write((value as Fields)[key]);
      parts.push(',');
    }
    parts.push('}');
  };
  write(root);
  return parts.join('');
}

/**
 * How long ago a moment may lie before it makes no difference any more: by the name of the field that
 * holds it. Two moments beyond that are the same state; this is what lets time go on for ever in
 * finitely many states.
 */
export type Horizons = Readonly<Record<string, number>>;

/** Fields that end in `Ms` and are lengths of time, or mere order: they do not age. */
const lengths = new Set([
  ...['ttlMs', 'marginMs', 'lapseMaxMs', 'takeBackAfterMs', 'repeatAfterMs', 'parkedMs'],
  ...['sessionAtMs', 'firstMs', 'everyMs'],
]);

/**
 * Lets time pass in a state, in place. Explored machines always live at moment 0, and what they
 * remember moves back. A field that ends in `Ms` and is neither a known moment nor a known length is
 * an error: a forgotten one would silently stand still.
 */
export function elapse(root: unknown, byMs: number, horizons: Horizons): void {
  const seen = new Set<object>();
  const aged = (momentMs: number, horizonMs: number): number =>
    momentMs === Number.NEGATIVE_INFINITY ? momentMs : Math.max(-horizonMs, momentMs - byMs);
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if (Array.isArray(value) || value instanceof Set) {
      for (const item of value) walk(item);
      return;
    }
    if (value instanceof Map) {
      for (const item of value.values()) walk(item);
      return;
    }
    const fields = value as Fields;
    for (const key of Object.keys(fields)) {
      const item = fields[key];
      if (!key.endsWith('Ms')) walk(item);
      else if (key in horizons) {
        const horizonMs = horizons[key] as number;
        if (typeof item === 'number') fields[key] = aged(item, horizonMs);
        else if (item instanceof Map)
          for (const [k, momentMs] of item) item.set(k, aged(momentMs as number, horizonMs));
      } else if (!lengths.has(key)) {
        throw new Error(`${key}: say in src/simulate/explore whether it is a moment or a length`);
      }
    }
  };
  walk(root);
}

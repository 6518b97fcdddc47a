// Where a text stops being JSON, and in which field. JSON.parse says so in words that differ by mistake,
// mostly without a place and never with the field. Parses nothing into values.

export interface JsonPlace {
  /** Where in the value: keys of objects, indexes of lists. */
  readonly path: readonly (string | number)[];
  /** Something stands where the value of that path should; otherwise the text breaks off, or around it. */
  readonly isValue: boolean;
  /** What stands there, up to the next blank or bracket; empty at the end of the text. */
  readonly found: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

const blanks = /[ \t\n\r]*/y;
// No repeat inside a repeat: on a text that breaks off, those try every way to divide it.
// A character of a text is one from the blank on, but for the quote and the backslash.
const text = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const plain = /(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)/y;
const word = /[^\s,:[\]{}"]+|[^]/y;

/** O(length), without recursion; undefined when the text is JSON. */
export function firstNonJson(json: string): JsonPlace | undefined {
  const path: (string | number)[] = [];
  let at = 0;
  const take = (token: RegExp): string | undefined => {
    token.lastIndex = at;
    const taken = token.exec(json)?.[0];
    at += taken?.length ?? 0;
    return taken;
  };
  const takeChar = (char: string): boolean => {
    take(blanks);
    if (json[at] !== char) return false;
    at += 1;
    return true;
  };
  const place = (isValue: boolean): JsonPlace => {
    const before = json.slice(0, at).split('\n');
    const [line, column] = [before.length, (before.at(-1) ?? '').length + 1];
    return { path, isValue: isValue && at < json.length, found: take(word) ?? '', line, column };
  };
  /** A key and its colon, into the path. */
  const takeKey = (): boolean => {
    take(blanks);
    const key = take(text);
    if (key === undefined || !takeChar(':')) return false;
    path[path.length - 1] = JSON.parse(key) as string;
    return true;
  };

  for (;;) {
    // A value, or as many brackets as open before one.
    if (takeChar('[')) {
      path.push(0);
      if (!takeChar(']')) continue;
      path.pop();
    } else if (takeChar('{')) {
      path.push('');
      if (!takeChar('}')) {
        if (takeKey()) continue;
        path.pop();
        return place(false);
      }
      path.pop();
    } else if ((take(text) ?? take(plain)) === undefined) {
      return place(true);
    }
    // What follows a value: the ends of what it is in, then a comma.
    for (;;) {
      const last = path.at(-1);
      if (last === undefined) {
        take(blanks);
        return at === json.length ? undefined : place(false);
      }
      if (takeChar(',')) {
        if (typeof last === 'number') path[path.length - 1] = last + 1;
        else if (!takeKey()) return place(false);
        break;
      }
      if (!takeChar(typeof last === 'number' ? ']' : '}')) return place(false);
      path.pop();
    }
  }
}

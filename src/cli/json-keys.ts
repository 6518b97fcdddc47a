// What JSON.parse does not tell: an object that names a key twice keeps the last one in silence, and
// with it loses what the first one said. Reads text that is known to be JSON; parses nothing else.

/** Strings, with the colon after them when they are keys, and the ends of objects. */
const tokens = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g;

/** The first key that one object has twice, as in the text's order; O(length). */
export function firstRepeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, colon] of json.matchAll(tokens)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    if (colon === undefined) continue;
    const key = JSON.parse(token.slice(0, -colon.length)) as string;
    const keys = open.at(-1);
    if (keys?.has(key)) return key;
    keys?.add(key);
  }
  return undefined;
}

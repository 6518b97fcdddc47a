// Reads how docs/protocol.md writes an object down: `{"type":"hello","token","next":"1202"|null,"revision"?:18}`,
// its fields alone. Judges nothing.

/** Of each field whether it may be absent, in the order of the text; fields of inner objects are left out. */
export function shownFields(text: string): ReadonlyMap<string, { readonly optional: boolean }> {
  const fields = new Map<string, { readonly optional: boolean }>();
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const [quoted, name = ''] = /^"([^"]*)"/.exec(text.slice(at)) ?? [];
    if (quoted === undefined) {
      if (text[at] === '{' || text[at] === '[') depth += 1;
      if (text[at] === '}' || text[at] === ']') depth -= 1;
      continue;
    }
    // A value stands behind a colon or a stroke; a name behind a brace or a comma.
    if (depth === 1 && /[{,]\s*$/.test(text.slice(0, at))) {
      fields.set(name, { optional: text[at + quoted.length] === '?' });
    }
    at += quoted.length - 1;
  }
  return fields;
}

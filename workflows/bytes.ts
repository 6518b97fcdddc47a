// Owns: sizes of texts as the server counts them, in bytes of UTF-8: payloads and summaries are bounded
// by those, and a character may take four. Also what of a text can be shown. Pure.

/** Of one character; its UTF-16 length is another thing. */
function bytesOfCharacter(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/** Of a text, or of any other value as JSON. */
export function bytesOf(value: unknown): number {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  let bytes = 0;
  for (const character of text) bytes += bytesOfCharacter(character);
  return bytes;
}

/** As `cut`, counted as the text is written in JSON, where one character may take six bytes. */
export function cutInJson(text: string, maxBytes: number): string {
  const quotes = 2;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += bytesOf(JSON.stringify(character)) - quotes;
    if (bytes > maxBytes) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

/** The longest beginning of so many bytes that ends with a whole character. */
export function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += bytesOfCharacter(character);
    if (bytes > maxBytes) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

/** Characters that move a cursor, colour or clear a terminal, or turn the direction of text. */
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** One line that a terminal shows as it is: what people and programs send is shown to operators. */
export function printable(text: string): string {
  return text.replace(unprintable, ' ').trim();
}

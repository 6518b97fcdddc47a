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

/** In JSON, where one character may take six bytes. */
function bytesInJson(character: string): number {
  const quotes = 2;
  return bytesOf(JSON.stringify(character)) - quotes;
}

/** Length of the longest beginning of so many bytes that ends with a whole character. */
function endWithin(text: string, maxBytes: number, bytesIn = bytesOfCharacter): number {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += bytesIn(character);
    if (bytes > maxBytes) return end;
    end += character.length;
  }
  return end;
}

/** The longest beginning of so many bytes, without a mark: for names and ids. Texts: `shorten`. */
export function cut(text: string, maxBytes: number): string {
  return text.slice(0, endWithin(text, maxBytes));
}

/** Stands where words are left out; right behind a letter it says that the word goes on. */
const mark = ' …';
/** What reads badly in front of the mark. */
const danglingEnd = /[\s,;:(–-]+$/u;

/** At most so many bytes of a text for people: cut behind a word, and marked with ` …`. */
export function shorten(text: string, maxBytes: number): string {
  return shortenBy(bytesOfCharacter, text, maxBytes);
}

/** As `shorten`, counted as the text is written in JSON. */
export function shortenInJson(text: string, maxBytes: number): string {
  return shortenBy(bytesInJson, text, maxBytes);
}

function shortenBy(bytesIn: (character: string) => number, text: string, maxBytes: number): string {
  if (endWithin(text, maxBytes, bytesIn) === text.length) return text;
  const room = [...mark].reduce((left, character) => left - bytesIn(character), maxBytes);
  if (room < 0) return '';
  const end = endWithin(text, room, bytesIn);
  const isWordEnd = text[end] === ' ';
  const behindWord = isWordEnd ? end : text.lastIndexOf(' ', end);
  // A long list of ranges is one word: more than half of the room is not given up for its sake.
  if (behindWord === 0 || behindWord * 2 < end) return text.slice(0, end) + mark.trimStart();
  return text.slice(0, behindWord).replace(danglingEnd, '') + mark;
}

/** Characters that move a cursor, colour or clear a terminal, or turn the direction of text. */
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** One line that a terminal shows as it is: what people and programs send is shown to operators. */
export function printable(text: string): string {
  return text.replace(unprintable, ' ').trim();
}

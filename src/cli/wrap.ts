// Owns: text that fits the width of whoever reads it: long lines go on below with a hanging indent, so
// that marks and labels stand alone at the left. Pure.

/** Standard output that is no terminal, or a terminal that does not say. */
const widthDefault = 80;
/** Narrower than that, nothing of ours can be read anyhow. */
const widthMin = 40;
/** Longer lines are hard to read, however wide the terminal is. */
const widthMax = 100;
/** A label that ends further right leaves no room for what hangs below it. */
const hangMax = 36;

/** Columns to write within: of the terminal, else as COLUMNS says, else 80. */
export function widthOf(terminal: number | undefined, columns: string | undefined): number {
  const said = terminal ?? (columns === undefined || columns === '' ? NaN : Number(columns));
  const wanted = Number.isInteger(said) && said > 0 ? said : widthDefault;
  return Math.max(widthMin, Math.min(widthMax, wanted));
}

/** What steers a terminal, or turns the direction of a line: names and answers of others may have it in them. */
const steering = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/** As U+241B for escape: seen, and without effect. */
function pictureOf(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
}

/**
 * Every line that is wider than `width` goes on below, under the first word after its label. What would
 * steer a terminal is shown instead of sent.
 */
export function wrapText(text: string, width: number): string {
  return text
    .replaceAll(steering, pictureOf)
    .split('\n')
    .flatMap((line) => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): readonly string[] {
  if (line.length <= width) return [line];
  const hang = hangOf(line);
  const lines: string[] = [];
  let at = line.slice(0, hang);
  let empty = true;
  const put = (piece: string, space: string) => {
    if (!empty && at.length + space.length + piece.length > width) {
      lines.push(at.trimEnd());
      at = ' '.repeat(hang);
      empty = true;
    }
    at += (empty ? '' : space) + piece;
    empty = false;
  };
  for (const word of line.slice(hang).split(' ')) {
    const pieces = hang + word.length <= width ? [word] : piecesOf(word);
    pieces.forEach((piece, index) => put(piece, index === 0 ? ' ' : ''));
  }
  return [...lines, at.trimEnd()];
}

/** A list of many ranges is one word: it may break behind its commas. */
const piecesOf = (word: string): readonly string[] => word.split(/(?<=,)/);

/** Where the text begins: behind indent, mark and label (which two spaces end) or an arrow. */
function hangOf(line: string): number {
  const indent = /^ */.exec(line)?.[0].length ?? 0;
  const arrow = /^ *→ /.exec(line)?.[0].length;
  if (arrow !== undefined) return arrow;
  const label = [...line.slice(0, hangMax).matchAll(/\S {2,}(?=\S)/g)].at(-1);
  if (label === undefined) return Math.min(indent + 2, hangMax);
  return label.index + label[0].length;
}

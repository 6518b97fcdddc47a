// Reads the command lines of documents: words, quotes, comments, `&&`, pipes and redirections, as far as
// documents use them. Runs nothing.

export interface CommandLine {
  /** Variables that are set for this command alone. */
  readonly env: Readonly<Record<string, string>>;
  /** The program and its arguments, without quotes. Empty where only variables are set. */
  readonly words: readonly string[];
  /** It reads or writes a file, or another program's output. */
  readonly redirected: boolean;
}

/** What stands between `;`, `&&`, `|` and ends of lines, in order. */
export function commandLines(text: string): readonly CommandLine[] {
  const found: CommandLine[] = [];
  let words: string[] = [];
  let word: string | undefined;
  let redirected = false;
  const endWord = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  const endCommand = (piped: boolean): void => {
    endWord();
    if (words.length > 0) found.push(withEnv(words, redirected || piped));
    words = [];
    redirected = piped;
  };
  for (let at = 0; at < text.length; at += 1) {
    const rest = text.slice(at);
    const char = text[at] ?? '';
    const quoted = /^'([^']*)'/.exec(rest) ?? /^"((?:\\[^]|[^"\\])*)"/.exec(rest);
    if (quoted !== null) {
      word = (word ?? '') + (quoted[1] ?? '');
      at += quoted[0].length - 1;
    } else if (rest.startsWith('\\\n')) {
      endWord();
      at += 1;
    } else if (char === '#' && word === undefined) {
      at += (/^[^\n]*/.exec(rest)?.[0].length ?? 1) - 1;
    } else if (char === '\n' || char === ';' || char === '&' || char === '|') {
      endCommand(char === '|');
    } else if (char === '>' || char === '<') {
      if (word !== undefined && /^\d$/.test(word)) word = undefined;
      endWord();
      redirected = true;
      const target = /^[<>&]*\s*[^\s;|&]*/.exec(rest)?.[0] ?? char;
      at += target.length - 1;
    } else if (/\s/.test(char)) {
      endWord();
    } else {
      word = (word ?? '') + char;
    }
  }
  endCommand(false);
  return found;
}

function withEnv(words: readonly string[], redirected: boolean): CommandLine {
  const env: Record<string, string> = {};
  let first = 0;
  for (; first < words.length; first += 1) {
    const [, name, value] = /^([A-Z_][A-Z0-9_]*)=([^]*)$/.exec(words[first] ?? '') ?? [];
    if (name === undefined) break;
    env[name] = value ?? '';
  }
  return { env, words: words.slice(first), redirected };
}

/** As it is written, without remarks. */
const withoutRemarks = (text: string): string =>
  text.replace(
    /('[^']*'|"(?:\\[^]|[^"\\])*")|(^|\s)#[^\n]*/g,
    (_all, quoted?: string) => quoted ?? '',
  );

/** What a person types and ends with Enter: lines, those that go on joined, without remarks. */
export function statements(text: string): readonly string[] {
  const found: string[] = [];
  let open = '';
  for (const line of text.split('\n')) {
    open = open === '' ? line : `${open}\n${line}`;
    const said = withoutRemarks(open);
    const quotesAreOpen = /["']/.test(said.replace(/'[^']*'|"(?:\\[^]|[^"\\])*"/g, ''));
    if (said.endsWith('\\') || quotesAreOpen) continue;
    if (said.trim() !== '') found.push(said.trim());
    open = '';
  }
  if (open.trim() !== '') found.push(open.trim());
  return found;
}

/** Arguments of `evenkeel`, however it is called; undefined for another program. */
export function evenkeelArguments(words: readonly string[]): readonly string[] | undefined {
  if (words[0] === 'evenkeel') return words.slice(1);
  const npm = npmScript(words);
  if (npm?.script === 'evenkeel') return npm.args;
  if (words[0] === 'npx' && words[1] === 'evenkeel') return words.slice(2);
  // Also in a pod: kubectl exec … -- node dist/src/cli/main.js …
  const at = words.indexOf('dist/src/cli/main.js');
  return at > 0 && words[at - 1] === 'node' ? words.slice(at + 1) : undefined;
}

/** `npm run -s stack -- up` → stack, [up]; `npm test` → test, []. */
export function npmScript(
  words: readonly string[],
): { readonly script: string; readonly args: readonly string[] } | undefined {
  if (words[0] !== 'npm') return undefined;
  const own = words.slice(1).filter((word) => word !== '-s' && word !== '--silent');
  const [verb, ...rest] = own;
  if (verb === 'test') return { script: 'test', args: rest.slice(rest[0] === '--' ? 1 : 0) };
  if (verb !== 'run') return undefined;
  const [script = '', ...more] = rest;
  return { script, args: more.slice(more[0] === '--' ? 1 : 0) };
}

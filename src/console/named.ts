// Owns: the name that a proxy has given a request, and when it is not believed. Never asks whether there is a
// proxy: that was said with the header's name.

import type { IncomingMessage } from 'node:http';
import { NotLoggedInError } from './requests.js';
import { nameOf } from './sessions.js';

/** Undefined where no proxy names people. @throws NotLoggedInError when it names nobody, or several */
export function namedBy(
  { rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>,
  header: string | undefined,
): string | undefined {
  if (header === undefined) return undefined;
  const said = rawHeaders.filter(
    (_, index) => index % 2 === 1 && isSame(rawHeaders[index - 1], header),
  );
  // One that the browser sent beside the one of the proxy, which adds where it should replace.
  if (said.length > 1)
    throw new NotLoggedInError(
      'the proxy before this console let through who you say you are: it must remove that header',
    );
  const name = textOf(said[0] ?? '');
  if (name.trim() === '')
    throw new NotLoggedInError('the proxy before this console did not say who you are');
  return nameOf(name);
}

const isSame = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Node reads a header as Latin-1; what proxies send is UTF-8, and then it is read as that. */
function textOf(header: string): string {
  try {
    return utf8.decode(Buffer.from(header, 'latin1'));
  } catch {
    return header;
  }
}

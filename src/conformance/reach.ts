// What is looked at before anything else on a running service: whether a WebSocket opens at the instance,
// and whether the session directory is that of its service. One sentence for each that is not so.

import { WebSocket } from 'ws';
import { askDirectory, SessionDeniedError } from '../client/directory.js';
import { withoutLogins } from '../core/logins.js';
import { instanceName, ordinalOf } from '../core/records.js';
import { BadInputError, UnreachableError } from '../errors.js';
import { answerWithinMs } from './limits.js';

/** @throws UnreachableError that says what answers there instead */
export async function reachInstance(url: string): Promise<void> {
  const why = await whyNoSocket(url);
  if (why !== null) throw new UnreachableError('instance', `${url}: ${why}`);
}

function whyNoSocket(url: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      handshakeTimeout: answerWithinMs,
    });
    socket.once('open', () => {
      resolve(null);
      socket.terminate();
    });
    socket.once('unexpected-response', (_request, { statusCode }) => {
      resolve(
        `answers HTTP ${statusCode} where a WebSocket should open; this is no instance's port`,
      );
      socket.terminate();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(wordsOf(error, url)));
  });
}

function wordsOf({ code = '', message }: NodeJS.ErrnoException, url: string): string {
  if (code === 'ECONNREFUSED') return 'nothing listens there any more; look at evenkeel status';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'no host of that name is known here';
  if (code === 'EPROTO') return 'answers, but not with TLS: ws:// instead of wss://?';
  if (/CERT|SIGNATURE|ISSUER/.test(code)) {
    return `its certificate is not trusted here (${message}); name its authority in NODE_EXTRA_CA_CERTS`;
  }
  if (/timed out/i.test(message)) {
    return `no WebSocket opened within ${answerWithinMs / 1000} s; it is paused, or no instance`;
  }
  if (/Parse Error|hang up|ECONNRESET/.test(`${message} ${code}`)) {
    const other = url.startsWith('wss:') ? '' : ', or it wants wss://';
    return `answers, but with no WebSocket: this is no instance's port${other}`;
  }
  return `no WebSocket opens there (${message})`;
}

/** One question. @throws BadInputError or UnreachableError where its sessions would be of no use */
export async function reachDirectory(
  { url, key }: { readonly url: string; readonly key: string },
  service: string,
  user: string,
): Promise<void> {
  const shown = withoutLogins(url);
  if (!/^https?:\/\/[^/\s]+/.test(url)) {
    throw new BadInputError(`EVENKEEL_DIRECTORY_URL is ${shown}`, {
      field: 'EVENKEEL_DIRECTORY_URL',
      found: shown,
      allowed: 'the address of the session directory, as http://host:port',
    });
  }
  let instance: string;
  try {
    const question = { directoryUrl: url, directoryKey: key, user, client: 'kit' };
    instance = (await askDirectory(question)).instance;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    if (!(cause instanceof SessionDeniedError)) {
      throw new UnreachableError('directory', `EVENKEEL_DIRECTORY_URL ${shown}: ${why}`, cause);
    }
    throw new BadInputError(`${why}, at ${shown}`, {
      field: 'EVENKEEL_DIRECTORY_KEY',
      found: 'a key that the directory does not take',
      allowed: 'what the directory was started with as EVENKEEL_DIRECTORY_KEY',
      cause,
    });
  }
  const ordinal = ordinalOf(instance);
  if (ordinal !== null && instance === instanceName(service, ordinal)) return;
  throw new BadInputError(
    `the directory at ${shown} is of another service: it sends a client to ${instance || 'nobody'}, and the instance is of ${service}`,
    {
      field: 'EVENKEEL_DIRECTORY_URL',
      found: shown,
      allowed: `the session directory of ${service}`,
    },
  );
}

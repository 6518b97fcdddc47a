// Owns: a person's page without a browser, over real connections: logs in, acts, and hears the stream.
import {
  request as plain,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestOptions,
} from 'node:http';
import { request as secured } from 'node:https';
import type { Now, Past } from '../../src/console/picture.js';
import { eventually } from '../support/eventually.js';

export interface Said {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  json<T>(): T;
}

export interface Listening {
  /** The last value of each kind that was heard; undefined before the first. */
  now(): Now | undefined;
  past(): Past | undefined;
  /** All that came, as it came. */
  readonly text: () => string;
  readonly status: number;
  readonly ended: Promise<void>;
  leave(): void;
}

export interface Visitor {
  readonly by: string;
  readonly cookie: string;
  readonly setCookie: string;
  post(path: string, body: object, headers?: OutgoingHttpHeaders): Promise<Said>;
  listen(service: string, headers?: OutgoingHttpHeaders): Promise<Listening>;
}

/** `ca`: whom to trust, with https. */
function open(url: string, { ca, ...options }: { ca?: string | undefined } & RequestOptions) {
  const how = { agent: false, ...options };
  return url.startsWith('https:') ? secured(url, { ...how, ca }) : plain(url, how);
}

/** One request, answered whole. */
export function asks(
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: OutgoingHttpHeaders;
    readonly body?: object;
    readonly ca?: string | undefined;
  } = {},
): Promise<Said> {
  const { method = 'GET', headers = {}, body, ca } = options;
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const length = Buffer.byteLength(text);
    const json =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': length };
    const asked = open(url, { method, ca, headers: { ...json, ...headers } });
    asked.once('error', reject);
    asked.once('response', (response) => {
      let said = '';
      response.setEncoding('utf8').on('data', (more: string) => void (said += more));
      response.once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: said,
          json: <T>() => JSON.parse(said) as T,
        }),
      );
    });
    asked.end(text);
  });
}

/** `url`: where it is reached; `origin`: what a browser would say of where its page came from. */
export async function visit(
  url: string,
  who: {
    readonly token: string;
    readonly by: string;
    readonly origin?: string;
    /** Sent with everything. */
    readonly headers?: OutgoingHttpHeaders;
    readonly ca?: string;
  },
): Promise<Visitor> {
  const { token, origin = url, headers: always = {}, ca } = who;
  const own = { origin, 'sec-fetch-site': 'same-origin', ...always };
  const login = await asks(`${url}/api/login`, {
    ...{ method: 'POST', headers: own, body: { token, by: who.by }, ca },
  });
  if (login.status !== 200) throw new Error(`login: ${login.status} ${login.text}`);
  const { by, csrf } = login.json<{ by: string; csrf: string }>();
  const setCookie = String(login.headers['set-cookie']);
  const cookie = setCookie.split(';')[0] ?? '';
  return {
    by,
    cookie,
    setCookie,
    post: (path, body, headers = {}) =>
      asks(`${url}${path}`, {
        ...{ method: 'POST', body, ca },
        headers: { ...own, cookie, 'x-evenkeel-csrf': csrf, ...headers },
      }),
    listen: (service, headers = {}) =>
      listen(`${url}/api/events?service=${service}`, { ...always, cookie, ...headers }, ca),
  };
}

function listen(url: string, headers: OutgoingHttpHeaders, ca?: string): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const asked = open(url, { headers, ca });
    asked.once('error', reject);
    asked.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => void (text += more));
      response.on('error', () => undefined);
      const last = <T>(event: string): T | undefined => {
        const found = [...text.matchAll(/event: (\w+)\ndata: (.*)\n\n/g)];
        const frame = found.findLast(([, kind]) => kind === event)?.[2];
        return frame === undefined ? undefined : (JSON.parse(frame) as T);
      };
      resolve({
        now: () => last<Now>('now'),
        past: () => last<Past>('past'),
        text: () => text,
        status: response.statusCode ?? 0,
        ended: new Promise((end) => response.once('close', end)),
        leave: () => void asked.destroy(),
      });
    });
    asked.end();
  });
}

/** Waits until the page would show it. */
export const shown = <T>(
  what: string,
  page: Listening,
  look: (now: Now, past: Past | undefined) => T | undefined | false,
  withinMs = 60_000,
): Promise<T> =>
  eventually(
    what,
    () => {
      const now = page.now();
      return now === undefined ? undefined : look(now, page.past());
    },
    withinMs,
  );

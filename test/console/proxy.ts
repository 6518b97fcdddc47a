// Owns: a reverse proxy as it stands before a console: ends TLS, knows its people by a cookie of its own, sets who
// asks in a header, takes that header out of what browsers send, and passes streams on as they come.
import { request, type IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeAuthority } from '../support/certificates.js';

export interface Proxy {
  /** As browsers name it. */
  readonly origin: string;
  /** Whom its visitors trust. */
  readonly ca: string;
  /** What its login would have given a browser. */
  cookieFor(person: string): string;
  close(): Promise<void>;
}

export async function startProxy(
  /** Told afterwards: a console has to know its proxy's address first. */
  behind: () => number,
  options: {
    readonly header: string;
    /** A careless one leaves what a browser sends, and adds its own. */
    readonly isCareless?: boolean;
  },
): Promise<Proxy> {
  const authority = makeAuthority('an authority');
  const own = authority.issue({ name: 'proxy', ips: ['127.0.0.1'] });
  const people = new Map<string, string>();
  const header = options.header.toLowerCase();
  const server = createServer({ cert: own.cert, key: own.key }, (incoming, answer) => {
    const person = [...people].find(([cookie]) => incoming.headers.cookie?.includes(cookie))?.[1];
    if (person === undefined) {
      answer.writeHead(302, { location: '/login-of-the-proxy' }).end();
      return;
    }
    const headers: IncomingHttpHeaders = { ...incoming.headers, host: 'console.inside:7780' };
    const sent = headers[header];
    delete headers[header];
    const name = Buffer.from(person).toString('latin1');
    const named = options.isCareless === true && sent !== undefined ? [String(sent), name] : name;
    const passed = request(
      {
        ...{ host: '127.0.0.1', port: behind(), path: incoming.url, method: incoming.method },
        headers: { ...headers, [header]: named, 'x-forwarded-for': '203.0.113.7' },
      },
      (found) => {
        answer.writeHead(found.statusCode ?? 502, found.headers);
        answer.flushHeaders();
        found.pipe(answer);
      },
    );
    passed.once('error', () => answer.destroy());
    answer.once('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `https://127.0.0.1:${port}`,
    ca: authority.cert,
    cookieFor(person) {
      const cookie = `proxy-session=${people.size + 1}.`;
      people.set(cookie, person);
      return cookie;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

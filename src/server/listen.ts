// Listening on a port, with the one sentence that people need when it is taken. Owns nothing else.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { BadInputError } from '../errors.js';
import { listenBacklogMax } from '../limits.js';

interface Where {
  /** 0 takes a free one. */
  readonly port: number;
  /** All addresses by default. */
  readonly host?: string | undefined;
}

/** The port it listens on. Throws BadInputError. */
export async function listenOn(app: FastifyInstance, where: Where): Promise<number> {
  try {
    await app.listen({ port: where.port, host: where.host ?? '::', backlog: listenBacklogMax });
  } catch (error) {
    await app.close();
    throw cannotListen(where, error as NodeJS.ErrnoException);
  }
  return (app.server.address() as AddressInfo).port;
}

/** As `listenOn`, for a plain HTTP server. */
export function listenHttp(server: Server, where: Where): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(where, error)));
    const { port, host } = where;
    const more = host === undefined ? {} : { host };
    server.listen({ port, backlog: listenBacklogMax, ...more }, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function cannotListen(where: Where, error: NodeJS.ErrnoException): BadInputError {
  const message =
    error.code === 'EADDRINUSE'
      ? `port ${where.port} is taken by another program`
      : `cannot listen on port ${where.port}: ${error.message}`;
  return new BadInputError(message, { field: 'port', found: where.port, cause: error });
}

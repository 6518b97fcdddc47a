// Owns: choosing TCP ports on 127.0.0.1 so that two stacks starting at once never take the same.
// Never keeps a port in use itself.
import { mkdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { portReservationsDir, tryLock } from './checkout.js';

/** Tries until a free port is found that nobody else has reserved. */
const attemptsMax = 50;

/** Ports that are ours until `release` is called, which is due once their server listens. */
export interface PortReservation {
  readonly ports: readonly number[];
  release(): void;
}

/**
 * Reserves one port per wish: the wished one when it is free, any free one otherwise. A reservation
 * is a lock file, so it ends with this process at the latest.
 */
export async function reservePorts(wished: readonly number[]): Promise<PortReservation> {
  mkdirSync(portReservationsDir, { recursive: true });
  const releases: (() => void)[] = [];
  const ports: number[] = [];
  for (const wish of wished) {
    let reserved = await reserve(wish);
    for (let attempt = 0; reserved === undefined; attempt += 1) {
      if (attempt >= attemptsMax) {
        for (const release of releases) release();
        throw new Error(`no free TCP port on 127.0.0.1 after ${attemptsMax} tries`);
      }
      reserved = await reserve(0);
    }
    releases.push(reserved.release);
    ports.push(reserved.port);
  }
  return { ports, release: () => releases.forEach((release) => release()) };
}

/** True when nothing listens on the port of 127.0.0.1. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== undefined;
}

async function reserve(wish: number): Promise<{ port: number; release: () => void } | undefined> {
  const port = await listenOnce(wish);
  if (port === undefined) return undefined;
  const release = tryLock(join(portReservationsDir, String(port)));
  return release && { port, release };
}

/**
 * True when something listens on the port of 127.0.0.1. It only knocks: whoever tried by listening would now
 * and then have the port for the very moment in which a server that starts wants it.
 */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** Listens for a moment; the port that it got, or undefined when the wished one is taken. */
function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      const got = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(got));
    });
  });
}

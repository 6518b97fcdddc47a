// Owns: choosing TCP ports on 127.0.0.1 that nobody else takes before their server listens, nor while it is
// started again. Never keeps a port in use itself.
import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { portReservationsDir, tryLock } from './checkout.js';

/** Tries until a free port is found that nobody else has reserved. */
const attemptsMax = 50;

/**
 * Where ports are chosen, the upper end excluded: below those that kernels give to outgoing connections and to
 * whoever listens on port 0 (Linux: 32768 and up; macOS: 49152 and up), and below the NodePorts of Kubernetes
 * (30000 and up). A connection of somebody else must never sit on the port of a server that is about to start.
 */
export const chosenPorts = { from: 20_000, to: 30_000 } as const;

/** Ports that are ours until `release` is called, which is due once their server listens. */
export interface PortReservation {
  readonly ports: readonly number[];
  release(): void;
}

/**
 * Reserves one port per wish: the wished one when it is free, any free one of `chosenPorts` otherwise; a wish of
 * 0 is any. A reservation is a lock file, so it ends with this process at the latest.
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

async function reserve(wish: number): Promise<{ port: number; release: () => void } | undefined> {
  const port = wish === 0 ? randomInt(chosenPorts.from, chosenPorts.to) : wish;
  // The lock comes first: a port that somebody has reserved is not even tried.
  const release = tryLock(join(portReservationsDir, String(port)));
  if (release === undefined) return undefined;
  if (await isPortFree(port)) return { port, release };
  release();
  return undefined;
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

/** True when nothing listens on the port of 127.0.0.1: listens on it for a moment. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

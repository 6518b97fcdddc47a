import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { listenSlowly } from '../../../bench/handover/slow-links.js';

const roundTripMs = 60;
let server: Server | undefined;
afterEach(() => void server?.close());

/** A server that sends back what it hears, behind a slow link; the port to dial. */
async function echo(): Promise<number> {
  const made = createServer((socket) => socket.pipe(socket));
  server = made;
  await new Promise<void>((resolve) => void made.listen(0, '127.0.0.1', resolve));
  const { port } = made.address() as AddressInfo;
  return Number(new URL(await listenSlowly(`ws://127.0.0.1:${port}`, roundTripMs)).port);
}

describe('a slow link', () => {
  it('takes two round trips to the first answer and one to each further, and keeps every byte', async () => {
    const socket = connect(await echo(), '127.0.0.1');
    const heard = (): Promise<string> =>
      new Promise((resolve) => socket.once('data', (data) => resolve(data.toString())));
    const startedMs = performance.now();
    socket.write('a');
    expect(await heard()).toBe('a');
    // Lower bounds only: a machine may be slow, a link must not be fast.
    const firstMs = performance.now() - startedMs;
    expect(firstMs).toBeGreaterThanOrEqual(2 * roundTripMs - 3);
    const againMs = performance.now();
    socket.write('b');
    expect(await heard()).toBe('b');
    expect(performance.now() - againMs).toBeGreaterThanOrEqual(roundTripMs - 3);
    socket.destroy();
  });

  it('hands on much, in order, and the end', async () => {
    const socket = connect(await echo(), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
    for (let at = 0; at < sent.length; at += 7_001) socket.write(sent.subarray(at, at + 7_001));
    socket.end();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  });
});

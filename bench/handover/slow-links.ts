// Owns: links with a round trip: a TCP proxy in front of each instance that hands every byte on half a
// round trip later, and lets a connection begin a whole one later, as its handshake would take. It runs
// in a thread of its own, so that nobody else's work delays it further.
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

const startWithinMs = 10_000;
/** Bytes that may be on the way in one direction of one link; then the sender has to wait. */
const onTheWayMaxBytes = 4 * 1024 * 1024;

export interface SlowLinks {
  /** Address of an instance → address of the proxy in front of it. */
  readonly via: Readonly<Record<string, string>>;
  /** Breaks every connection that there is. */
  cut(): void;
  stop(): Promise<void>;
}

interface Wish {
  readonly urls: readonly string[];
  readonly roundTripMs: number;
}

/** Starts a proxy in front of each of the addresses (`ws://host:port`). */
export async function startSlowLinks(wish: Wish): Promise<SlowLinks> {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: wish });
  const via = await new Promise<Record<string, string>>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error('the slow links did not start')),
      startWithinMs,
    );
    worker.once('message', (ports: Record<string, string>) => {
      clearTimeout(timer);
      resolve(ports);
    });
    worker.once('error', reject);
  });
  return {
    via,
    cut: () => worker.postMessage('cut'),
    stop: async () => void (await worker.terminate()),
  };
}

/** Connections of clients to the proxies of this thread. */
const open = new Set<Socket>();

/** Proxies to one instance; resolves with the address to dial instead. */
export async function listenSlowly(url: string, roundTripMs: number): Promise<string> {
  const { hostname, port } = new URL(url);
  const server = createServer({ allowHalfOpen: true }, (near) => {
    // The client's SYN and the answer to it: nothing that it says leaves before that.
    const reached = setTimeout(() => {
      const far = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
      carry(near, far, roundTripMs / 2);
      carry(far, near, roundTripMs / 2);
      near.resume();
    }, roundTripMs);
    near.pause();
    near.on('error', () => undefined);
    near.once('close', () => clearTimeout(reached));
    near.setNoDelay(true);
    open.add(near);
    near.once('close', () => open.delete(near));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** One direction: what comes leaves `delayMs` later, in order, the end and the breaking off included. */
function carry(from: Socket, to: Socket, delayMs: number): void {
  let onTheWay = 0;
  const later = (work: () => void): void => void setTimeout(work, delayMs);
  to.setNoDelay(true);
  from.on('data', (chunk: Buffer) => {
    onTheWay += chunk.length;
    if (onTheWay > onTheWayMaxBytes) from.pause();
    later(() => {
      onTheWay -= chunk.length;
      if (!to.destroyed) to.write(chunk);
      if (onTheWay <= onTheWayMaxBytes) from.resume();
    });
  });
  from.on('error', () => undefined);
  from.once('end', () => later(() => void to.end()));
  from.once('close', () => later(() => void to.destroy()));
}

if (!isMainThread) {
  const { urls, roundTripMs } = workerData as Wish;
  const proxies = await Promise.all(urls.map((url) => listenSlowly(url, roundTripMs)));
  parentPort?.on('message', () => {
    for (const socket of open) socket.resetAndDestroy();
  });
  parentPort?.postMessage(Object.fromEntries(urls.map((url, i) => [url, proxies[i]])));
}

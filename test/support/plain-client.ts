// Owns: a client written from the protocol's text alone: fetch, a WebSocket and JSON by hand. It imports
// nothing of this project, so that it proves what a client in another language would find.

import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

export interface PlainFrame {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface PlainClient {
  readonly partition: number;
  /** Every frame, in the order of arrival. */
  readonly frames: readonly PlainFrame[];
  /** Bodies of messages, in the order of arrival. */
  readonly bodies: readonly string[];
  /** Most sockets that existed at once. */
  socketsMax(): number;
  connected(): boolean;
  /** Sends until it is accepted, over moves as well. */
  send(to: string, body: string): Promise<void>;
  close(): void;
}

const redirectsMax = 3;

/** Asks the directory and keeps the session until `close`. */
export async function connectPlainly(options: {
  readonly directoryUrl: string;
  readonly directoryKey: string;
  readonly user: string;
}): Promise<PlainClient> {
  const { directoryUrl, directoryKey, user } = options;
  const frames: PlainFrame[] = [];
  const bodies: string[] = [];
  const unanswered = new Map<string, { frame: object; resolve: () => void }>();
  let session = await ask();
  let next: string | null = null;
  let socket: WebSocket | undefined;
  let welcomed = false;
  let redirects = 0;
  let sockets = 0;
  let socketsMax = 0;
  let sends = 0;
  let closed = false;

  async function ask(): Promise<{ url: string; token: string; partition: number }> {
    for (;;) {
      const answer = await fetch(`${directoryUrl}/v1/sessions`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${directoryKey}`,
        },
        body: JSON.stringify({ user, client: 'plain' }),
      });
      if (answer.status === 201) {
        return (await answer.json()) as { url: string; token: string; partition: number };
      }
      if (answer.status !== 503) throw new Error(`the directory answered ${answer.status}`);
      await sleep(Number(answer.headers.get('retry-after') ?? 1) * 1_000);
    }
  }

  /** Destroys the old socket, ignores its frames, and only then dials another. */
  function dial(url: string, revision: number | undefined): void {
    destroy();
    if (closed) return;
    const dialled = new WebSocket(url);
    socket = dialled;
    sockets += 1;
    socketsMax = Math.max(socketsMax, sockets);
    dialled.on('error', () => undefined);
    dialled.on('open', () => {
      dialled.send(JSON.stringify({ type: 'hello', token: session.token, next, revision }));
    });
    dialled.on('message', (data: Buffer) => {
      if (socket === dialled) onFrame(JSON.parse(data.toString('utf8')) as PlainFrame);
    });
    dialled.on('close', () => {
      if (socket !== dialled) return;
      destroy();
      void lost();
    });
  }

  function destroy(): void {
    welcomed = false;
    if (socket === undefined) return;
    const old = socket;
    socket = undefined;
    old.terminate();
    sockets -= 1;
  }

  async function lost(): Promise<void> {
    await sleep(100);
    if (closed) return;
    session = await ask();
    dial(session.url, undefined);
  }

  function seen(offset: unknown, plus: number): void {
    if (typeof offset !== 'string') return;
    const candidate = BigInt(offset) + BigInt(plus);
    if (next === null || candidate > BigInt(next)) next = String(candidate);
  }

  function onFrame(frame: PlainFrame): void {
    frames.push(frame);
    seen(frame['next'], 0);
    switch (frame.type) {
      case 'welcome':
        welcomed = true;
        redirects = 0;
        for (const { frame: send } of unanswered.values()) socket?.send(JSON.stringify(send));
        return;
      case 'message':
        seen(frame['offset'], 1);
        bodies.push(frame['body'] as string);
        return;
      case 'accepted': {
        const id = frame['id'] as string;
        unanswered.get(id)?.resolve();
        unanswered.delete(id);
        return;
      }
      case 'disconnect':
        return void follow(frame);
      case 'redirect':
        redirects += 1;
        if (redirects > redirectsMax) {
          destroy();
          return void lost();
        }
        return dial(frame['url'] as string, frame['revision'] as number);
      default:
        return;
    }
  }

  async function follow(frame: PlainFrame): Promise<void> {
    destroy();
    await sleep(frame['delayMs'] as number);
    if (frame['reason'] === 'moved') dial(frame['url'] as string, frame['revision'] as number);
    else if (frame['reason'] === 'leaving') await lost();
  }

  dial(session.url, undefined);
  return {
    partition: session.partition,
    frames,
    bodies,
    socketsMax: () => socketsMax,
    connected: () => welcomed,
    send: (to, body) =>
      new Promise((resolve) => {
        sends += 1;
        const id = `plain-${sends}`;
        const frame = { type: 'send', id, to, body };
        unanswered.set(id, { frame, resolve });
        if (welcomed) socket?.send(JSON.stringify(frame));
      }),
    close: () => {
      closed = true;
      if (welcomed) socket?.send(JSON.stringify({ type: 'bye' }));
      destroy();
    },
  };
}

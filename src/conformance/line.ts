// One WebSocket to an instance, as a strict client sees it: every frame in order with its time, and how
// it ended. It answers nothing by itself and judges nothing (grammar.ts does).

import { WebSocket } from 'ws';
import { answerWithinMs } from './limits.js';

export interface Frame {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface HeardFrame {
  /** Null where it is no JSON object with a type. */
  readonly frame: Frame | null;
  readonly text: string;
  readonly atMs: number;
}

export interface LineEnd {
  readonly code: number;
  readonly atMs: number;
}

export interface Line {
  readonly label: string;
  readonly heard: readonly HeardFrame[];
  /** What the client has said last; for the reader of a complaint. */
  readonly said: readonly unknown[];
  readonly openedAtMs: number;
  end(): LineEnd | null;
  /** The end is none of the instance's doing: the client cut it, or the program was killed. */
  excuse(): void;
  isExcused(): boolean;
  /** The instance was fenced while it was open: it has to say so and close it. */
  fenced(): void;
  wasFenced(): boolean;
  /** An object as JSON, or a text as it is. */
  say(frame: object | string): void;
  /** The next frame of that type that was not taken yet, as soon as it comes; null after `withinMs`. */
  take(type: string, withinMs?: number): Promise<Frame | null>;
  /** Of these types whatever comes first; null after `withinMs`, or when the socket has ended without. */
  takeAny(types: readonly string[], withinMs?: number): Promise<Frame | null>;
  /** Null when it is still open after `withinMs`. */
  ended(withinMs?: number): Promise<LineEnd | null>;
  /** Ends the socket as a lost network would. */
  cut(): void;
}

/** Resolves when the socket is open; null when nobody accepts it within `answerWithinMs`. */
export async function openLine(url: string, label: string): Promise<Line | null> {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    handshakeTimeout: answerWithinMs,
  });
  const heard: HeardFrame[] = [];
  const said: unknown[] = [];
  const taken = new Set<HeardFrame>();
  const listeners = new Set<() => void>();
  let end: LineEnd | null = null;
  let excused = false;
  let fenced = false;
  const changed = (): void => {
    for (const listener of [...listeners]) listener();
  };
  socket.on('message', (data: Buffer, isBinary) => {
    const text = isBinary ? '(binary)' : data.toString('utf8');
    heard.push({ frame: isBinary ? null : frameOf(text), text, atMs: performance.now() });
    changed();
  });
  socket.on('close', (code) => {
    end = { code, atMs: performance.now() };
    changed();
  });
  const opened = await new Promise<boolean>((resolve) => {
    socket.once('open', () => resolve(true));
    socket.on('error', () => resolve(false));
  });
  if (!opened) return null;
  const openedAtMs = performance.now();

  const next = (types: readonly string[]): Frame | undefined => {
    const found = heard.find(
      (one) => one.frame !== null && types.includes(one.frame.type) && !taken.has(one),
    );
    if (found?.frame == null) return undefined;
    taken.add(found);
    return found.frame;
  };
  const wait = <T>(look: () => T | undefined, withinMs: number): Promise<T | null> =>
    new Promise((resolve) => {
      const done = (value: T | null): void => {
        listeners.delete(listener);
        clearTimeout(timer);
        resolve(value);
      };
      const listener = (): void => {
        const found = look();
        if (found !== undefined) done(found);
      };
      const timer = setTimeout(() => done(look() ?? null), withinMs);
      listeners.add(listener);
      listener();
    });
  const takeAny: Line['takeAny'] = async (types, withinMs = answerWithinMs) => {
    const found = await wait<Frame | 'ended'>(
      () => next(types) ?? (end === null ? undefined : 'ended'),
      withinMs,
    );
    return found === 'ended' ? null : found;
  };
  return {
    label,
    heard,
    said,
    openedAtMs,
    end: () => end,
    excuse: () => void (excused = true),
    isExcused: () => excused,
    fenced: () => void (fenced = true),
    wasFenced: () => fenced,
    say: (frame) => {
      said.push(frame);
      if (socket.readyState === WebSocket.OPEN) {
        socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
      }
    },
    take: (type, withinMs) => takeAny([type], withinMs),
    takeAny,
    ended: (withinMs = answerWithinMs) => wait(() => end ?? undefined, withinMs),
    cut: () => {
      excused = true;
      socket.terminate();
    },
  };
}

function frameOf(text: string): Frame | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return typeof (value as { type?: unknown }).type === 'string' ? (value as Frame) : null;
  } catch {
    return null;
  }
}

/** What a line has heard, in words: `welcome, message, close 4001`. */
export function heardWords(line: Line): string {
  const frames = line.heard.map(({ frame, text }) =>
    frame === null ? `no frame (${text.slice(0, 40)})` : wordsOf(frame),
  );
  const end = line.end();
  const all = [...frames.slice(-6), ...(end === null ? [] : [`close ${end.code}`])];
  return all.length === 0 ? 'nothing' : all.join(', ');
}

function wordsOf(frame: Frame): string {
  const detail = frame['code'] ?? frame['reason'] ?? frame['offset'];
  return typeof detail === 'string' ? `${frame.type} ${detail}` : frame.type;
}

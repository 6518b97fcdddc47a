// Owns: reading a service once for all who look at it, again and again while somebody does, and telling
// each what is new as frames of server-sent events. Never knows where figures come from, nor HTTP.
// Format: WHATWG HTML, 9.2 Server-sent events.

import { consoleAliveEveryMs, consoleReadEveryMs } from './limits.js';
import type { Clock, Later } from '../ports.js';
import type { Alive, Picture } from './picture.js';

export interface FeedOptions {
  /** Rejects with an error whose message is for people. */
  readonly read: (service: string) => Promise<Picture>;
  /** Nobody looks at it any more: what was kept open for it can be closed. */
  readonly forget: (service: string) => void;
  readonly clock: Clock;
  readonly later: Later;
}

/** Takes one frame. */
export type Viewer = (frame: string) => void;

export interface Feed {
  /** The viewer is told at once what is known; returns how to leave. */
  watch(service: string, viewer: Viewer): () => void;
  /** Everybody is told something new as soon as it can be read: an action was taken. */
  hurry(service: string): void;
  /** How old the figures of each service are that somebody looks at, in ms; since it is looked at, before the first. */
  agesMs(): ReadonlyMap<string, number>;
  close(): void;
}

/** JSON has no line ends, so a frame has one `data` line. */
export const frameOf = (event: string, value: object): string =>
  `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`;

export function createFeed(options: FeedOptions): Feed {
  const watched = new Map<string, Watched>();
  return {
    watch(service, viewer) {
      const known = watched.get(service) ?? watchService(service, options);
      watched.set(service, known);
      const leave = known.join(viewer);
      return () => {
        leave();
        if (known.size() > 0 || watched.get(service) !== known) return;
        watched.delete(service);
        known.stop();
        options.forget(service);
      };
    },
    hurry: (service) => watched.get(service)?.hurry(),
    agesMs: () => new Map([...watched].map(([service, known]) => [service, known.ageMs()])),
    close() {
      for (const known of watched.values()) known.stop();
      watched.clear();
    },
  };
}

interface Watched {
  join(viewer: Viewer): () => void;
  size(): number;
  ageMs(): number;
  hurry(): void;
  stop(): void;
}

function watchService(service: string, { read, clock, later }: FeedOptions): Watched {
  const viewers = new Set<Viewer>();
  /** Last frame of each kind. */
  const frames = new Map<string, string>();
  const sinceMs = clock.wallMs();
  let readAtMs: number | null = null;
  let trouble: string | null = null;
  let isReading = false;
  let isOver = false;
  let wait: (() => void) | undefined;
  let beat: (() => void) | undefined;

  const tell = (frame: string) => {
    for (const viewer of [...viewers]) viewer(frame);
  };
  const aliveFrame = () =>
    frameOf('alive', { nowMs: clock.wallMs(), readAtMs, trouble } satisfies Alive);
  /** Only what differs is sent again. */
  const update = (event: string, value: object) => {
    const frame = frameOf(event, value);
    if (frames.get(event) === frame) return;
    frames.set(event, frame);
    tell(frame);
  };
  const again = async (): Promise<void> => {
    if (isReading || isOver) return;
    isReading = true;
    try {
      const { atMs, now, past } = await read(service);
      if (isOver) return;
      const isNews = readAtMs === null || trouble !== null;
      readAtMs = atMs;
      trouble = null;
      update('now', now);
      update('past', past);
      if (isNews) tell(aliveFrame());
    } catch (error) {
      if (isOver) return;
      trouble = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      tell(aliveFrame());
    } finally {
      isReading = false;
    }
    wait = later(() => void again(), consoleReadEveryMs);
  };
  const pulse = () => {
    tell(aliveFrame());
    beat = later(pulse, consoleAliveEveryMs);
  };
  void again();
  beat = later(pulse, consoleAliveEveryMs);

  return {
    join(viewer) {
      viewers.add(viewer);
      viewer(aliveFrame());
      for (const frame of frames.values()) viewer(frame);
      return () => void viewers.delete(viewer);
    },
    size: () => viewers.size,
    ageMs: () => Math.max(0, clock.wallMs() - (readAtMs ?? sinceMs)),
    hurry() {
      wait?.();
      void again();
    },
    stop() {
      isOver = true;
      wait?.();
      beat?.();
    },
  };
}

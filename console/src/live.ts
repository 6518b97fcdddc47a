// Owns: the stream of figures of one service: what came last, whether the server is lost and since when,
// and coming back by itself. Never asks for anything else.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Alive, Now, Past } from '../../src/console/picture.js';
import { askMe } from './server.js';

/** 2.5 times what the server promises. */
const silenceMaxMs = 5_000;
const tickMs = 1_000;
const retryMinMs = 1_000;
const retryMaxMs = 5_000;

export interface Live {
  readonly now: Now | null;
  readonly past: Past | null;
  /** The server's clock, as well as can be told. */
  readonly clockMs: number;
  /** How old the figures are; null before the first. */
  readonly ageMs: number | null;
  readonly isLost: boolean;
  /** Why the server's last look failed. */
  readonly trouble: string | null;
}

interface Heard {
  now: Now | null;
  past: Past | null;
  alive: Alive | null;
  /** By this page's own clock. */
  atMs: number;
  isLost: boolean;
}

export function useLive(service: string, onLoggedOut: () => void): Live {
  const heard = useRef<Heard>({ now: null, past: null, alive: null, atMs: 0, isLost: false });
  const [, setTick] = useState(0);
  const draw = () => setTick((tick) => tick + 1);

  useEffect(() => {
    const known: Heard = {
      now: null,
      past: null,
      alive: null,
      atMs: performance.now(),
      isLost: false,
    };
    heard.current = known;
    let source: EventSource | undefined;
    let retry: number | undefined;
    let retryMs = retryMinMs;
    let isOver = false;

    const lose = () => {
      source?.close();
      source = undefined;
      known.isLost = true;
      draw();
      if (retry !== undefined || isOver) return;
      retry = window.setTimeout(() => void comeBack(), retryMs);
      retryMs = Math.min(retryMaxMs, retryMs * 2);
    };
    const comeBack = async () => {
      const answer = await askMe();
      retry = undefined;
      if (isOver) return;
      if (answer.kind === 'me') open();
      else if (answer.kind === 'login') onLoggedOut();
      else lose();
    };
    const open = () => {
      known.atMs = performance.now();
      source = new EventSource(`/api/events?service=${encodeURIComponent(service)}`);
      const on = <T>(event: string, take: (value: T) => void) =>
        source?.addEventListener(event, (message: MessageEvent<string>) => {
          take(JSON.parse(message.data) as T);
          draw();
        });
      on<Now>('now', (now) => void (known.now = now));
      on<Past>('past', (past) => void (known.past = past));
      on<Alive>('alive', (alive) => {
        known.alive = alive;
        known.atMs = performance.now();
        known.isLost = false;
        retryMs = retryMinMs;
      });
      source.addEventListener('error', lose);
    };
    open();
    const tick = window.setInterval(() => {
      if (source !== undefined && performance.now() - known.atMs > silenceMaxMs) lose();
      draw();
    }, tickMs);
    return () => {
      isOver = true;
      source?.close();
      window.clearInterval(tick);
      window.clearTimeout(retry);
    };
  }, [service]);

  const { now, past, alive, atMs, isLost } = heard.current;
  const clockMs = alive === null ? Date.now() : alive.nowMs + (performance.now() - atMs);
  return {
    now: now?.service === service ? now : null,
    past,
    clockMs,
    ageMs: alive?.readAtMs == null ? null : Math.max(0, clockMs - alive.readAtMs),
    isLost,
    trouble: alive?.trouble ?? null,
  };
}

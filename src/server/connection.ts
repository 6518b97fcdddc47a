// One socket of one client, from its first byte to its certain end. Owns the socket, its state and
// its bounds; never decides about ownership: the instance library does, and calls it through
// ServiceConnection.
//
//   greeting ─hello─► verifying, in line ─admit─► parked ─welcome─► locating ─► welcomed
//      └──────────┴──────────────┴──────────────────┴──────────────────┴───────────┴──► closing ──► closed
//
// Nothing but the close is written in `closing`, so no data follows a DISCONNECT.

import type { RawData, WebSocket } from 'ws';
import { toldGap } from '../core/handover/told-gap.js';
import type { ClosedReason } from '../core/records.js';
import type { ClientIdentity, ServiceConnection } from '../instance/api.js';
import * as limits from '../limits.js';
import {
  byeCloseCode,
  disconnectCloseCodes,
  errorCloseCodes,
  redirectCloseCode,
  type ErrorCode,
} from './close-codes.js';
import type { Connection, ConnectionDeps } from './connection-deps.js';
import * as frames from './frames.js';
import { FrameError } from './frames.js';
import type { Place, Subscription } from './partition-feed.js';
import { createServedClient } from './served-client.js';
import type { ClientHandler } from './service.js';
import { drained, frameRate, speakBeforeProtocolClose, textOf } from './socket.js';

export type { Connection, ConnectionDeps } from './connection-deps.js';

const tooFast = `more than ${limits.framesPerSecondMax} frames a second`;

type State = 'greeting' | 'verifying' | 'parked' | 'locating' | 'welcomed' | 'closing' | 'closed';

export function serveConnection(socket: WebSocket, deps: ConnectionDeps): Connection {
  const { instance, feeds, clock, stats, service: hooks } = deps;
  const ownFrames = hooks.frames ?? [];
  let state: State = 'greeting';
  let identity: ClientIdentity | null = null;
  let hello: frames.HelloFrame | null = null;
  let welcome: { readonly connection: string; readonly revision: number } | null = null;
  let subscription: Subscription | null = null;
  let handler: ClientHandler | null = null;
  let closedReason: ClosedReason = 'lost';
  let admitted = false;
  let suspended = false;
  let gapReported = false;
  let counted = false;
  let heardAtMs = clock.monotonicMs();
  const withinRate = frameRate(heardAtMs);
  let cancel = deps.later(
    () => fail('bad-frame', `no hello came within ${limits.helloWithinMs} ms`),
    limits.helloWithinMs,
  );

  const mayWrite = (): boolean =>
    state === 'welcomed' && identity !== null && instance.maySpeak(identity.partition);

  const write = (frame: string): void => {
    socket.send(frame);
    if (socket.bufferedAmount > limits.sendBufferMaxBytes) {
      fail('too-many', `more than ${limits.sendBufferMaxBytes} bytes wait to be read`);
    }
  };

  /** Nothing is said to it any more, whether its socket is closed or not. */
  const leave = (): void => {
    subscription?.end();
    const left = handler;
    handler = null;
    left?.gone?.(closedReason);
  };

  /** Idempotent; a second call may only hasten the end. */
  const close = (code: number, text: string, reason: ClosedReason, withinMs: number): void => {
    if (state === 'closed') return;
    cancel();
    cancel = deps.later(() => socket.terminate(), withinMs);
    if (state === 'closing') return;
    state = 'closing';
    closedReason = reason;
    leave();
    socket.close(code, text);
  };

  const fail = (code: ErrorCode, message: string): void => {
    if (state === 'closing' || state === 'closed') return;
    stats.errors(code);
    socket.send(frames.errorFrame(code, message));
    const reason = suspended ? 'suspended' : 'refused';
    close(errorCloseCodes[code], code, reason, limits.closeAfterErrorMs);
  };

  const failWith = (error: unknown): void => {
    if (error instanceof FrameError) fail(error.code, error.message);
    else fail('unavailable', 'the instance cannot serve this client just now');
  };

  const begin = (place: Place): void => {
    if (state !== 'locating' || identity === null || hello === null || welcome === null) return;
    const { partition, user } = identity;
    // Before the welcome, because that is data too: it says from where delivery goes on.
    if (!instance.maySpeak(partition)) {
      located = place;
      deps.onStalled(connection);
      return;
    }
    state = 'welcomed';
    stats.welcomed(1);
    counted = true;
    socket.send(
      frames.welcomeFrame({
        instance: instance.name,
        revision: welcome.revision,
        partition,
        next: place.next,
        aliveEveryMs: deps.aliveEveryMs,
        truncated: place.truncated,
      }),
    );
    const stalled = () => deps.onStalled(connection);
    const { publish, onMistake } = deps;
    const served = createServedClient(identity, {
      ...place,
      cameBackAtMs: hello.next === null ? null : clock.monotonicMs(),
      marksRepeats: hello.marksRepeats,
      maySpeak: mayWrite,
      ...{ stalled, fail, write, publish, onMistake },
    });
    try {
      handler = hooks.welcomed?.(served) ?? null;
    } catch (error) {
      failWith(error);
    }
    if (isEnding(state)) return;
    subscription = feeds.subscribe(
      {
        partition,
        user,
        mayWrite,
        write,
        waitingBytes: () => socket.bufferedAmount,
        drained: () => drained(socket),
        stalled,
        failed: failWith,
      },
      place.next,
    );
  };
  let located: Place | null = null;

  const service: ServiceConnection = {
    welcome: (granted) => {
      if (state !== 'parked' || identity === null || hello === null) return;
      welcome = granted;
      state = 'locating';
      const place = feeds.locate(identity.partition, hello.next);
      if (place instanceof Promise) place.then(begin, failWith);
      else begin(place);
    },
    disconnect: (notice) => {
      if (state !== 'closing' && state !== 'closed') {
        socket.send(frames.disconnectFrame(notice, nextOffset()));
        stats.disconnected(notice.reason);
      }
      const code = disconnectCloseCodes[notice.reason];
      close(code, notice.reason, notice.reason, limits.closeHandshakeMs);
    },
    redirect: ({ url, revision }) => {
      if (state !== 'closing' && state !== 'closed') {
        socket.send(frames.redirectFrame(url, revision));
        stats.redirected();
      }
      close(redirectCloseCode, 'redirect', 'refused', limits.closeHandshakeMs);
    },
    refuse: (code, message) => {
      fail(code, message);
      close(errorCloseCodes[code], code, 'refused', limits.closeHandshakeMs);
    },
    suspend: (is) => {
      suspended = is;
      if (!is) resume();
    },
  };

  const nextOffset = (): number | null => {
    if (subscription !== null) return subscription.next();
    return hello?.next ?? (identity === null ? null : feeds.end(identity.partition));
  };

  const resume = (): void => {
    if (state === 'locating' && located !== null) begin(located);
    if (state !== 'welcomed') return;
    subscription?.resume();
    handler?.resume?.();
  };

  const onHello = (frame: frames.HelloFrame): void => {
    state = 'verifying';
    cancel();
    deps.onGreeted(connection);
    verify(frame).catch(failWith);
  };

  /** Whoever has no right to be here takes nobody's turn. */
  const verify = async (frame: frames.HelloFrame): Promise<void> => {
    const verified = await deps.verify(frame.token, clock.wallMs());
    if (isEnding(state)) return;
    const inLine = deps.line.enter(() => {
      if (!isEnding(state)) admit(frame, verified);
    });
    if (!inLine) fail('too-many', 'too many clients come at once; ask the directory again shortly');
  };

  const admit = (frame: frames.HelloFrame, verified: ClientIdentity): void => {
    identity = verified;
    hello = frame;
    state = 'parked';
    admitted = true;
    instance.admit(verified, frame.revision, service);
  };

  const onFrame = (data: RawData, isBinary: boolean): void => {
    heardAtMs = clock.monotonicMs();
    if (isEnding(state)) return;
    if (isBinary) throw new FrameError('bad-frame', 'binary frames are not part of the protocol');
    if (!withinRate(heardAtMs)) throw new FrameError('too-many', tooFast);
    const frame = frames.parseClientFrame(textOf(data), ownFrames);
    if (frame.type === 'hello') {
      if (state !== 'greeting') throw new FrameError('bad-frame', 'hello was said already');
      onHello(frame);
      return;
    }
    if (state === 'greeting') throw new FrameError('bad-frame', 'the first frame must be hello');
    if (frame.type === 'bye') {
      close(byeCloseCode, 'bye', 'bye', limits.closeAfterErrorMs);
      return;
    }
    if (state !== 'welcomed' || welcome === null) {
      const { type } = frame.type === 'own' ? frame.fields : frame;
      throw new FrameError('bad-frame', `${type} came before the welcome`);
    }
    if (frame.type === 'own') {
      stats.received();
      handler?.frame?.(frame.fields)?.catch(failWith);
    } else if (!gapReported) {
      // One report per welcome: a histogram is not a place for a client to write at will.
      gapReported = true;
      const echoed = hello?.revision ?? null;
      const gap = toldGap({ told: frame.told, echoed, welcomed: welcome.revision });
      stats.gap(frame.gapMs, gap.cause);
      instance.recordGap(gap.revision, frame.gapMs, gap.cause);
    }
  };

  const connection: Connection = {
    alive: () => {
      if (isEnding(state)) return;
      if (clock.monotonicMs() - heardAtMs > limits.silentSocketMs) socket.terminate();
      else socket.ping();
      if (state !== 'welcomed' || subscription === null) return;
      socket.send(frames.aliveFrame(subscription.next(), !mayWrite()));
    },
    resume,
    fail,
    drop: () => socket.terminate(),
  };

  socket.on('message', (data, isBinary) => {
    try {
      onFrame(data, isBinary);
    } catch (error) {
      failWith(error);
    }
  });
  socket.on('ping', () => {
    // `ws` answers each by itself: they cost as frames do.
    if (!withinRate(clock.monotonicMs())) fail('too-many', tooFast);
  });
  socket.on('pong', () => {
    heardAtMs = clock.monotonicMs();
  });
  socket.on('close', () => {
    if (counted) stats.welcomed(-1);
    cancel();
    leave();
    state = 'closed';
    deps.onClosed(connection);
    if (admitted) instance.closed(service, closedReason);
  });
  socket.on('error', () => undefined); // `close` follows and says all there is to say
  speakBeforeProtocolClose(socket, fail);
  return connection;
}

/** Asked after every pause: the compiler cannot see that it changes meanwhile. */
function isEnding(state: State): boolean {
  return state === 'closing' || state === 'closed';
}

// What `ws` leaves to its users: the protocol's own words before a close that `ws` itself begins, the
// moment when a socket took what waited, and the rate of frames. Never knows a state.

import type { RawData, WebSocket } from 'ws';
import { frameMaxBytes, framesBurstMax, framesPerSecondMax } from '../limits.js';
import type { ErrorCode } from './close-codes.js';

/**
 * `ws` itself closes a socket whose frame is too large or not UTF-8, with WebSocket's codes; the
 * client shall read the protocol's own error before.
 */
export function speakBeforeProtocolClose(
  socket: WebSocket,
  fail: (code: ErrorCode, message: string) => void,
): void {
  const close = socket.close.bind(socket);
  socket.close = (code, reason) => {
    if (code === 1009) fail('too-large', `a frame has at most ${frameMaxBytes} bytes`);
    else if (code === 1007) fail('bad-frame', 'the frame is not UTF-8');
    else close(code, reason);
  };
}

/** Resolves when the socket took what waits, or is gone. */
export function drained(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) resolve();
    // A ping is written behind what waits.
    else socket.ping(undefined, undefined, () => resolve());
  });
}

export function textOf(data: RawData): string {
  // `nodebuffer`, the default binary type of `ws`, makes it always this.
  return (data as Buffer).toString('utf8');
}

/** A token bucket for the frames of one socket: false when one comes too soon. */
export function frameRate(sinceMs: number): (nowMs: number) => boolean {
  let allowance: number = framesBurstMax;
  let atMs = sinceMs;
  return (nowMs) => {
    const earned = ((nowMs - atMs) * framesPerSecondMax) / 1000;
    atMs = nowMs;
    allowance = Math.min(framesBurstMax, allowance + earned) - 1;
    return allowance >= 0;
  };
}

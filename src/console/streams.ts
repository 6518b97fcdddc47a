// Owns: the open streams of server-sent events: how many there may be, of one login too, letting go of
// whoever does not keep up or whose login has ended. Never knows what is sent.

import type { ServerResponse } from 'node:http';
import { consoleBehindMaxBytes, consoleViewersMax, consoleViewersPerLoginMax } from './limits.js';
import type { Viewer } from './feed.js';
import { TooManyError } from './requests.js';

export interface Streams {
  /**
   * Answers with a stream and returns who takes its frames; `onEnd` is called once, when it is over.
   * @throws TooManyError before anything was written
   */
  open(stream: {
    readonly response: ServerResponse;
    readonly headers: Readonly<Record<string, string>>;
    readonly login: string;
    /** Asked before each frame. */
    readonly isValid: () => boolean;
    readonly onEnd: () => void;
  }): Viewer;
  size(): number;
  close(): void;
}

export function createStreams(): Streams {
  const open = new Map<ServerResponse, string>();
  return {
    open({ response, headers, login, isValid, onEnd }) {
      const own = [...open.values()].filter((one) => one === login).length;
      if (own >= consoleViewersPerLoginMax)
        throw new TooManyError('too many pages of this login are open: close one', 503);
      if (open.size >= consoleViewersMax)
        throw new TooManyError('too many people look at this console: try again later', 503);
      open.set(response, login);
      response.once('close', () => {
        open.delete(response);
        onEnd();
      });
      response.writeHead(200, {
        ...headers,
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform', // Compressing, a proxy would wait for more.
        'x-accel-buffering': 'no', // Proxies that buffer would hold the figures back.
      });
      return (frame) => {
        if (response.writableEnded || response.destroyed) return;
        if (!isValid()) response.end();
        else if (response.writableLength > consoleBehindMaxBytes) response.destroy();
        else response.write(frame);
      };
    },
    size: () => open.size,
    close() {
      for (const response of open.keys()) response.end();
    },
  };
}

// More doors to one listening port. Node (libuv since 1.45) takes one connection per listening handle
// and turn of the event loop; when turns are long, because the processor is shared or much is to do,
// who comes in a wave waits for as many turns: 300 ms were seen for the last of twenty. So the same
// socket is registered several times. A copy of a handle is made by sending it to another process and
// back; that process then ends. Without the copies everything works, only more slowly.

import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Server as NetServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { doorsWithinMs } from '../limits.js';

export interface Doors {
  count(): number;
  close(): void;
}

/**
 * Registers `more` copies; connections through them come to `server` as its own do. Resolves with what
 * there is when the bound has passed. Never rejects.
 */
export async function openDoors(
  server: Server,
  more: number,
  main = fileURLToPath(new URL('door-main.js', import.meta.url)),
): Promise<Doors> {
  const copies: NetServer[] = [];
  if (more > 0 && existsSync(main)) {
    const child = fork(main, [], { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), doorsWithinMs);
      child.on('message', (_word, copy) => {
        if (!(copy instanceof NetServer)) return;
        copies.push(copy.on('connection', (socket) => server.emit('connection', socket)));
        if (copies.length === more) resolve();
      });
      child.once('error', () => resolve());
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      child.send(more, server, (error) => {
        if (error !== null) child.kill('SIGKILL');
      });
    });
  }
  return {
    count: () => 1 + copies.length,
    close: () => {
      for (const copy of copies) copy.close();
    },
  };
}

// Starting a part: whoever waits for it to answer is never in its way.
import { afterEach, expect, it } from 'vitest';
import type { Part } from '../../stack/part.js';
import { startPart, type RunningPart } from '../../stack/running-part.js';
import { scratchDir } from './scratch.js';

let running: RunningPart | undefined;
afterEach(async () => {
  await running?.stop('SIGKILL');
  running = undefined;
});

/** Takes its port and leaves it, a second and a half long; ends where it is taken; then answers on it. */
const fickle = `
  const { createServer } = require('node:http');
  const port = Number(process.argv[1]);
  const untilMs = Date.now() + 1500;
  (function again() {
    const isLast = Date.now() > untilMs;
    const server = createServer((_, response) => response.end(isLast ? 'ready' : 'not yet'));
    server.on('error', (error) => { console.error(error.code); process.exit(1); });
    server.listen(port, '127.0.0.1', () => {
      if (isLast) return;
      server.close(again);
      server.closeAllConnections();
    });
  })();
`;

const part: Part = {
  name: 'mongo',
  title: 'a fickle server',
  product: 'a server',
  variable: 'FICKLE',
  defaultPorts: [0],
  startWaitMs: 20_000,
  env: ([port]) => ({ FICKLE: `http://127.0.0.1:${port}` }),
  check: async (address) => {
    const answer = await fetch(address, { signal: AbortSignal.timeout(1_000) });
    if ((await answer.text()) !== 'ready') throw new Error('not yet');
  },
  find: () => Promise.reject(new Error('it is given')),
};

it('a server that takes its port late finds it free, however often it is asked for', async () => {
  let starts = 0;
  const program = {
    origin: 'path' as const,
    command: ({ ports: [port] }: { readonly ports: readonly number[] }) => {
      starts += 1;
      return { command: process.execPath, args: ['-e', fickle, String(port)] };
    },
  };
  running = await startPart(part, program, scratchDir());
  expect(running.status().running).toBe(true);
  expect(starts).toBe(1);
});

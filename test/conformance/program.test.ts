// A program that does not start is said to be one, in its own last words, and nothing of it stays.
import { expect, it } from 'vitest';
import { createMemoryBus } from '../../src/adapters/memory/bus.js';
import { launchCommand } from '../../src/conformance/program.js';
import { openScratchService } from '../../src/conformance/scratch-service.js';
import { eventually } from '../support/eventually.js';

async function started(command: string, startWithinMs?: number): Promise<unknown> {
  const opening = openScratchService({
    bus: createMemoryBus(),
    configDb: undefined,
    launch: launchCommand(command),
    env: { MONGODB_URI: 'mongodb://evenkeel:hunter2@db:27017' },
    without: new Set(),
    run: Math.random().toString(36).slice(2, 8),
    ...(startWithinMs === undefined ? {} : { startWithinMs }),
  });
  return opening.catch((error: unknown) => error);
}

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it('one that ends at once is quoted, without what it was told in confidence', async () => {
  const error = await started('echo "cannot reach $MONGODB_URI" >&2; exit 4');
  expect(String(error)).toContain(
    'the program ended at its start, with status 4; it said last: cannot reach mongodb://…@db:27017',
  );
  expect(String(await started('exit 0'))).toContain('with status 0; it said nothing');
  expect(String(await started('no-such-program'))).toMatch(/with status 127; .*not found/);
});

it('one that never gets ready is ended, with all that it has started', async () => {
  const error = await started('sleep 300 & echo $!; sleep 300', 1_000);
  expect(String(error)).toMatch(
    /did not answer GET http:\/\/127\.0\.0\.1:\d+\/healthz\/ready with 200 within 1 s: nobody listens there \(ready once ownership and control are read to their ends and the lease is read back: protocol\.md §10, Joining\); it said last: \d+/,
  );
  const pid = Number(/(\d+)$/.exec(String(error))?.[1]);
  await eventually('its child has ended', () => !runs(pid));
});

it('one that answers otherwise than with 200 is told so', async () => {
  const answering = (body: string): string =>
    `node -e 'require("http").createServer((_, answer) => ${body}).listen(process.env.EVENKEEL_PROBE_PORT)'`;
  expect(String(await started(answering('answer.writeHead(503).end()'), 3_000))).toContain(
    'with 200 within 3 s: the last answer was 503 (ready once ',
  );
  expect(String(await started(answering('0'), 3_000))).toContain(
    'with 200 within 3 s: the last request got no answer (ready once ',
  );
});

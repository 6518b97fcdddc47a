// The same instances looked at as one of a running service: sessions come from a directory over HTTP, moves
// from somebody who is asked for them, and the kit plays nothing. What runs them is the scripted service of
// the other mode, which only the mover and the directory know of.

import { createServer } from 'node:http';
import { until } from '../../../src/conformance/journal.js';
import { stepWithinMs } from '../../../src/conformance/limits.js';
import { findInstance, openRunningService } from '../../../src/conformance/running-service.js';
import { held, stageOf, type Mover, type Scene } from '../../../src/conformance/scene.js';
import type { InstanceReport } from '../../../src/ports.js';
import { eventually } from '../../support/eventually.js';
import { scratchOf } from './in-process.js';
import type { Mistake } from './mistake.js';

const key = 'directory-key';

export async function runningOf(
  mistake: Partial<Mistake>,
): Promise<{ readonly scene: Scene; close(): Promise<void> }> {
  const scratch = await scratchOf(mistake);
  const { scene } = scratch;
  const directory = await startDirectory(scene);
  const closeAll = async (): Promise<void> => {
    directory.close();
    await scratch.close();
  };
  try {
    await until(() => held(scene).join() === stageOf(scene).mine().join(), stepWithinMs);
    const configDb = {
      services: () => Promise.resolve([scene.service]),
      reports: (service: string): Promise<readonly InstanceReport[]> =>
        scene.configDb?.reports(service) ?? Promise.resolve([]),
      warmed: () => Promise.resolve([]),
    };
    const { bus } = scene;
    await eventually('the instance has reported itself', async () =>
      (await configDb.reports(scene.service)).some(({ revision }) => revision > 0),
    );
    const running = await openRunningService({
      found: await findInstance(scene.url, { bus, configDb }),
      bus,
      configDb,
      directory: { url: directory.url, key },
      without: new Set(),
      mover: moverOf(scene),
      run: `${scene.run}r`,
      say: () => undefined,
    });
    return {
      scene: running.scene,
      close: async () => {
        await running.close();
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Answers `POST /v1/sessions` for whoever has the key. */
async function startDirectory(scene: Scene): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString('utf8')));
    request.on('end', () => {
      const { user, client } = JSON.parse(body) as { user: string; client: string };
      void scene.sessionOf(user, client).then((token) => {
        const isKnown = request.headers.authorization === `Bearer ${key}`;
        response.writeHead(isKnown ? 201 : 401, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ token, url: scene.url, instance: scene.instance }));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}

/** One instance more takes half of what this one has; then it gives it back. */
function moverOf(scene: Scene): Mover {
  const stage = stageOf(scene);
  const whole = stage.mine();
  const given = whole.slice(0, whole.length / 2);
  return {
    announces: 'moves half of the partitions, and moves them back',
    byHand: 'nothing',
    ask: async (how) => {
      await stage.distribute(how === 'one-more' ? whole.slice(given.length) : whole);
      for (const p of given) {
        if (how === 'as-before') {
          await stage.peerDoes('released', p);
          continue;
        }
        const last = () => scene.journal.view.last(p);
        const released = await until(() => last()?.type === 'released', stepWithinMs);
        if (released === null) return 'undone';
        await stage.peerDoes('acquired', p);
      }
      return 'completed';
    },
  };
}

// Owns: making a fault happen and, where it lasts, ending it: whatever is stopped goes on, whatever is
// killed is started again until it runs, as a platform would. Never looks whether the service minds.

import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalWorker } from '../src/local/worker.js';
import type { Fault } from './events.js';
import { graceMs, startAgainMs } from './limits.js';
import { instanceAt, type Scene } from './scene.js';

export interface Breaking {
  /** Resolves, with what it was, when the fault is over. */
  fault(event: Fault): Promise<string>;
  /** The scene is over: what ends now is not started again. */
  leaveAlone(): void;
}

/** `tell` hears of programs that end without having been killed; they are started again, too. */
export function createBreaking(
  { world, links }: Scene,
  tell: (sentence: string) => void,
): Breaking {
  const { cluster, name, stack, service } = world;
  const { platform } = cluster;
  let worker: LocalWorker = world.worker;
  let over = false;
  const turns = new Map<string, Promise<unknown>>();
  /** Whoever is killed while it is being started would be there twice. */
  const inTurn = <T>(whose: string, run: () => Promise<T>): Promise<T> => {
    const mine = (turns.get(whose) ?? Promise.resolve()).then(run, run);
    turns.set(whose, mine);
    return mine;
  };

  const startWorker = async (): Promise<void> => {
    worker = await cluster.startWorker();
    void mind(worker, startWorker);
  };
  /** A worker that gives up is a program like any other: its platform starts it again. */
  const mind = async ({ process }: LocalWorker, start: () => Promise<void>): Promise<void> => {
    const { code, signal } = await process.exited;
    if (over || signal === 'SIGKILL') return;
    tell(`${process.name} ended by itself, ${signal ?? `exit code ${code}`}`);
    const again = inTurn('worker', async () => {
      const isReplaced = worker.process !== process;
      return isReplaced ? 'another one runs' : startAgain(start);
    });
    tell(await again.catch((error: unknown) => String(error)));
  };
  void mind(worker, startWorker);
  const signal = async (place: number, what: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP') => {
    const { name: instance } = await instanceAt(world, place);
    await platform.kill(name, instance, what);
    return instance;
  };
  return {
    leaveAlone: () => void (over = true),
    fault: async (event) => {
      switch (event.kind) {
        case 'worker-killed':
          return inTurn('worker', async () => {
            await worker.end('SIGKILL');
            await sleep(event.awayMs);
            return startAgain(startWorker);
          });
        case 'directory-killed':
          return inTurn('directory', async () => {
            const start = await service.killDirectory();
            await sleep(event.awayMs);
            return startAgain(start);
          });
        case 'instance-killed':
          return signal(event.place, 'SIGKILL');
        case 'instance-told-to-end':
          return signal(event.place, 'SIGTERM');
        case 'instance-paused': {
          const instance = await signal(event.place, 'SIGSTOP');
          await sleep(event.forMs);
          // It may have been ended meanwhile; a younger process does not mind.
          await platform.kill(name, instance, 'SIGCONT').catch(() => undefined);
          return `${instance}, goes on`;
        }
        case 'part-paused':
          return inTurn(event.part, async () => {
            stack.pausePart(event.part);
            await sleep(event.forMs);
            stack.resumePart(event.part);
            return 'goes on';
          });
        case 'temporal-killed':
          return inTurn('temporal', async () => {
            await stack.stopPart('temporal', 'SIGKILL');
            await sleep(event.awayMs);
            return startAgain(() => stack.startPart('temporal'));
          });
        case 'links-cut':
          links?.cut();
          return 'cut';
      }
    },
  };
}

/** What it needs may be away: until it runs, bounded. */
async function startAgain(start: () => Promise<void>): Promise<string> {
  const fromMs = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      await start();
      const took = ((performance.now() - fromMs) / 1_000).toFixed(1);
      return `runs again after ${took} s${tries === 1 ? '' : `, the ${tries}. start`}`;
    } catch (error) {
      if (performance.now() - fromMs > graceMs) throw error;
      await sleep(startAgainMs);
    }
  }
}

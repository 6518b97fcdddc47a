// Owns: the benchmark of ownership at many partitions: one instance with its share of few and of very
// many real Kafka partitions, on one broker: how fast it starts, how fast it delivers, and what it
// uses when nothing happens. Never judges a time.
import { setInterval } from 'node:timers';
import { startStack } from '../../stack/start.js';
import type { BenchGroup, GroupRun } from '../group.js';
import type { BenchCase, Figures } from '../report.js';
import { median } from '../timing.js';
import { startChat, type Delivery } from './chat.js';
import { cpuPercent, idleCpuPercent, memoryMb } from './cpu.js';
import { createCrowded, type Crowded } from './service.js';
import { measuredStart, type Start } from './start.js';
import { markdownOf, textOf } from './tables.js';

export interface Size {
  /** P, the fewest first: the others are compared with it. */
  readonly partitions: readonly number[];
  readonly owned: number;
  readonly clients: number;
  readonly messagesPerSecond: number;
  readonly chatMs: number;
  readonly warmUpMs: number;
  readonly idleMs: number;
  /** After a kill, besides the first start. */
  readonly restarts: number;
}

export const fullSize: Size = {
  partitions: [360, 5_000],
  owned: 100,
  clients: 100,
  messagesPerSecond: 100,
  chatMs: 30_000,
  warmUpMs: 5_000,
  idleMs: 20_000,
  restarts: 5,
};
export const quickSize: Size = {
  partitions: [12, 60],
  owned: 6,
  clients: 6,
  messagesPerSecond: 20,
  chatMs: 1_000,
  warmUpMs: 200,
  idleMs: 500,
  restarts: 1,
};

interface Measured {
  readonly firstStart: Start;
  readonly restart: { readonly n: number; readonly medianMs: number; readonly maxMs: number };
  readonly deliveryMs: Delivery;
  /** Percent of one core. */
  readonly cpu: { readonly idle: number; readonly idleClients: number; readonly chat: number };
  readonly memoryMb: number;
}

export interface ManyFigures extends Figures, Measured {
  /** P99 of delivery over that of the fewest partitions. */
  readonly p99OverFewest: number;
}

export const partitionsGroup: BenchGroup = {
  name: 'partitions',
  about: 'start, delivery and idle cost of an instance at 360 and 5 000 Kafka partitions',
  run: ({ quick, say }) => runPartitions(quick ? quickSize : fullSize, say),
  textOf,
  markdownOf,
};

/** Runs on the Kafka of the environment, or on one of its own; ends everything that it starts. */
export async function* runPartitions(size: Size, say: GroupRun['say']): AsyncGenerator<BenchCase> {
  // The parts that run hold nothing open in this process, and a wait for them must not end it.
  const alive = setInterval(() => undefined, 60_000);
  const stack = await startStack({ parts: ['kafka', 'mongo'], onProgress: say });
  const { owned, clients, messagesPerSecond, restarts } = size;
  let fewestP99: number | undefined;
  try {
    for (const partitions of size.partitions) {
      say(`creating ${partitions} partitions …`);
      const crowded = await createCrowded(stack.env, partitions, owned);
      const measured = await measure(crowded, size, say).finally(() => crowded.stop());
      const { p99 } = measured.deliveryMs;
      fewestP99 ??= p99;
      const ours: ManyFigures = { ...measured, p99OverFewest: p99 / fewestP99 };
      yield {
        name: `${partitions} partitions`,
        params: { kind: 'partitions', partitions, owned, clients, messagesPerSecond, restarts },
        ours,
        peers: [],
      };
    }
  } finally {
    await stack.stop();
    clearInterval(alive);
  }
}

async function measure(crowded: Crowded, size: Size, say: GroupRun['say']): Promise<Measured> {
  const { clients, messagesPerSecond, chatMs, warmUpMs, idleMs, restarts } = size;
  const { process, start: firstStart } = await measuredStart(crowded);
  say(`serves after ${Math.round(firstStart.servingMs)} ms`);
  const idle = await idleCpuPercent(process.pid, idleMs);
  const chat = await startChat(crowded, clients);
  const idleClients = await idleCpuPercent(process.pid, idleMs);
  await chat.steady(messagesPerSecond, warmUpMs);
  let deliveryMs: Delivery | undefined;
  const busy = await cpuPercent(process.pid, async () => {
    deliveryMs = await chat.steady(messagesPerSecond, chatMs);
  });
  const { lost, duplicated } = deliveryMs as Delivery;
  if (lost > 0 || duplicated > 0) throw new Error(`${lost} messages lost, ${duplicated} twice`);
  await chat.close();
  const memory = memoryMb(process.pid);

  const servingMs: number[] = [];
  for (let left = restarts, running = process; left > 0; left -= 1) {
    await running.stop('SIGKILL');
    const again = await measuredStart(crowded);
    running = again.process;
    servingMs.push(again.start.servingMs);
  }
  return {
    firstStart,
    restart: { n: restarts, medianMs: median(servingMs), maxMs: Math.max(...servingMs) },
    deliveryMs: deliveryMs as Delivery,
    cpu: { idle, idleClients, chat: busy },
    memoryMb: memory,
  };
}

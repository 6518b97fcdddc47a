// Owns: the benchmark of the saga itself: forced rebalances with clients on the whole stack, and very
// large services with instances in memory. A broken promise fails the command. Never judges a time.
import { setInterval } from 'node:timers';
import { startStack } from '../../stack/start.js';
import type { BenchGroup, GroupRun } from '../group.js';
import type { BenchCase } from '../report.js';
import { forcedCases, type ForcedSize } from './forced.js';
import { largeCases, type LargeSize } from './large.js';
import { markdownOf, textOf } from './tables.js';

export const kinds = ['forced', 'large'] as const;
export type Kind = (typeof kinds)[number];

export interface Size {
  readonly forced: ForcedSize;
  readonly large: LargeSize;
}

export const fullSize: Size = {
  forced: { clients: 300, messagesPerSecond: 30, instances: 4, rounds: 5, shrinks: true },
  large: { partitions: 20_000, instances: 200 },
};
export const quickSize: Size = {
  forced: { clients: 40, messagesPerSecond: 20, instances: 3, rounds: 1, shrinks: false },
  large: { partitions: 480, instances: 8 },
};

export const sagaGroup: BenchGroup = {
  name: 'saga',
  about: 'from a signal to the first client told, the saga’s own time, 20 000 × 200',
  kinds,
  run: ({ quick, say, kinds: wanted, rounds }) => {
    const { forced, large } = quick ? quickSize : fullSize;
    return runSaga(
      { large, forced: { ...forced, rounds: rounds ?? forced.rounds } },
      kinds.filter((kind) => wanted === undefined || wanted.includes(kind)),
      say,
    );
  },
  textOf,
  markdownOf,
};

/** Runs on the stack of the environment, or on one of its own; ends everything that it starts. */
export async function* runSaga(
  size: Size,
  wanted: readonly Kind[],
  say: GroupRun['say'],
  workflowBundlePath?: string,
): AsyncGenerator<BenchCase> {
  // The parts that run hold nothing open in this process, and a wait for them must not end it.
  const alive = setInterval(() => undefined, 60_000);
  let faults = 0;
  try {
    for (const kind of wanted) {
      for await (const one of casesOf(kind, size, say, workflowBundlePath)) {
        faults += (one.ours['wrong'] as readonly string[]).length;
        yield one;
      }
    }
  } finally {
    clearInterval(alive);
  }
  if (faults > 0) throw new Error(`${faults} promises were broken by sagas, see above`);
}

async function* casesOf(
  kind: Kind,
  { forced, large }: Size,
  say: GroupRun['say'],
  workflowBundlePath: string | undefined,
): AsyncGenerator<BenchCase> {
  if (kind === 'forced') {
    yield* forcedCases(forced, say);
    return;
  }
  const stack = await startStack({ parts: ['temporal'], onProgress: say });
  try {
    yield* largeCases(large, stack.env['TEMPORAL_ADDRESS'] ?? '', say, workflowBundlePath);
  } finally {
    await stack.stop();
  }
}

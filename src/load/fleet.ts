// Owns: clients spread over several processes as one crowd with one account of its messages: who was
// sent to in one process may hear in another. Never knows of partitions.

import { hrtime } from 'node:process';
import type { CrowdReport, Word } from './crowd-messages.js';
import { startCrowdProcess } from './crowd-process.js';
import { createGapHistogram, decodeGaps, type GapSummary } from './gaps.js';
import { joinWithinMsPerClient, settleWithinMs } from './limits.js';
import { createMessageAccount, type MessageCounts } from './message-account.js';
import type { MoveSteps, LastWord } from './sockets.js';
import { until } from './until.js';

export interface FleetOptions {
  readonly directoryUrl: string;
  readonly directoryKey: string;
  /** Users are called `<prefix>-1` … */
  readonly prefix: string;
  readonly users: number;
  /** Clients of each user. */
  readonly devices: number;
  readonly processes: number;
  /** All clients together. */
  readonly messagesPerSecond: number;
  /** Address of an instance → where to dial instead. */
  readonly via?: Readonly<Record<string, string>>;
}

/** What happened since the last mark. */
export interface FleetReport {
  readonly planned: GapSummary;
  readonly lost: GapSummary;
  /** From the mark until each move, planned or not, had ended. */
  readonly sinceMark: GapSummary;
  readonly movedTo: ReadonlyMap<number, number>;
  readonly hadAtMark: ReadonlyMap<string, number>;
  readonly missing: readonly string[];
  readonly steps: readonly MoveSteps[];
  readonly lastWords: readonly LastWord[];
}

export interface FleetWindow {
  counts(): MessageCounts;
  /** Messages of this window whose answer or arrival is still awaited, as last told. */
  outstanding(): number;
  /** Ends the chat and waits, bounded, for what is under way and for whoever is not connected. */
  close(): Promise<FleetReport & { readonly messages: MessageCounts }>;
}

export interface Fleet {
  readonly clients: number;
  readonly pids: readonly number[];
  /** Clients that are welcomed just now, as last told. */
  connected(): number;
  /** Resolves when everybody is welcomed; throws, bounded, with how many are not. */
  joined(): Promise<void>;
  /** Marks, and starts the chat: messages from now on belong to the window. */
  open(): FleetWindow;
  /** Forgets gaps and counts times from now. */
  mark(): void;
  report(): Promise<FleetReport>;
  /** Rejects when a process has ended by itself; never resolves. */
  readonly broken: Promise<never>;
  stop(): Promise<void>;
}

/** Starts the processes, whose clients begin to join at once. Throws with nothing left running. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { users, devices, processes: of, messagesPerSecond, via = {}, ...where } = options;
  const clients = users * devices;
  const account = createMessageAccount(devices);
  /** Clients connected, by process. */
  const told = Array<number>(of).fill(0);

  const hear = (index: number, word: Exclude<Word, { kind: 'report' }>): void => {
    if (word.kind === 'present') told[index] = word.connected;
    if (word.kind !== 'saw') return;
    for (const [what, window, from, to, number, device] of word.seen) {
      const message = { window, from, to, number };
      if (what === 'arrived') account.arrived(message, device);
      else account[what](message);
    }
  };
  const started = await Promise.allSettled(
    told.map((_, index) => startCrowdProcess(`load-${index}`, (word) => hear(index, word))),
  );
  const crowds = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(crowds.map((crowd) => crowd.stop()));
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  crowds.forEach((crowd, index) => {
    // What does not divide evenly is made up for by fractions of a message a second.
    const share = messagesPerSecond / of;
    const rest = { users, devices, index, of, via, messagesPerSecond: share };
    crowd.tell({ kind: 'start', start: { ...where, ...rest } });
  });

  const connected = (): number => told.reduce((sum, one) => sum + one, 0);
  const sound = (): void => {
    const failure = crowds.map((crowd) => crowd.failure()).find((one) => one !== undefined);
    if (failure !== undefined) throw new Error(failure);
  };
  const broken = Promise.race(crowds.map((crowd) => crowd.broken));
  broken.catch(() => undefined); // Whoever waits for it hears of it.
  const mark = (): void => {
    const atMs = Number(hrtime.bigint()) / 1e6;
    for (const crowd of crowds) crowd.tell({ kind: 'mark', atMs });
  };
  const chat = (window: number | null): void => {
    for (const crowd of crowds) crowd.tell({ kind: 'chat', window });
  };
  const report = async (): Promise<FleetReport> =>
    merge(await Promise.all(crowds.map((crowd) => crowd.report())));

  return {
    clients,
    pids: crowds.map(({ pid }) => pid),
    connected,
    joined: () =>
      until(
        () => {
          sound();
          return connected() === clients ? [] : [clients - connected()];
        },
        ([left]) => `${left} of ${clients} clients were not welcomed`,
        settleWithinMs + clients * joinWithinMsPerClient,
      ),
    open: () => {
      const window = account.open();
      mark();
      chat(window.number);
      return {
        counts: () => window.counts(),
        outstanding: () => window.outstanding(),
        close: async () => {
          chat(null);
          // With the answers comes all that was said before: from here on nothing is sent any more.
          await report();
          await until(
            () => {
              sound();
              return window.outstanding() === 0 && connected() === clients ? [] : [0];
            },
            () => '',
          ).catch(sound);
          return { ...(await report()), messages: window.counts() };
        },
      };
    },
    mark,
    report,
    broken,
    stop,
  };
}

function merge(reports: readonly CrowdReport[]): FleetReport {
  const sum = (of: 'planned' | 'lost' | 'sinceMark'): GapSummary => {
    const all = createGapHistogram();
    for (const report of reports) all.add(decodeGaps(report[of]));
    return all.summary();
  };
  return {
    planned: sum('planned'),
    lost: sum('lost'),
    sinceMark: sum('sinceMark'),
    movedTo: added(reports.flatMap(({ movedTo }) => movedTo)),
    hadAtMark: added(reports.flatMap(({ hadAtMark }) => hadAtMark)),
    missing: reports.flatMap(({ missing }) => missing),
    steps: reports.flatMap(({ steps }) => steps),
    lastWords: reports.flatMap(({ lastWords }) => lastWords),
  };
}

function added<K>(pairs: readonly (readonly [K, number])[]): ReadonlyMap<K, number> {
  const sums = new Map<K, number>();
  for (const [key, number] of pairs) sums.set(key, (sums.get(key) ?? 0) + number);
  return sums;
}

// Owns: a service whose instances do only what the control plane sees of them: they follow control
// messages and hand partitions over through the ownership log. No lease, no sockets, no clients but
// numbers. For tests of the saga.

import { Goals, ownerIn } from '../src/core/handover/goal.js';
import { parseOffset, offsetText, type OwnershipChange } from '../src/core/records.js';
import { UnreachableError } from '../src/errors.js';
import { Gaps } from '../src/instance/gaps.js';
import type { OwnedRange } from '../src/core/distribution.js';
import { openControlReader } from '../src/logs/control-reader.js';
import { topicsOf } from '../src/logs/topics.js';
import type { Bus, ConfigDb, PlatformInstance } from '../src/ports.js';
import { openHeldPartitions, type HeldPartitions } from './held-partitions.js';

export interface SimulatedOptions {
  readonly bus: Bus;
  readonly configDb: ConfigDb;
  readonly service: string;
  readonly partitions: number;
  /** Clients connected to each partition, wherever it is. */
  readonly clientsPerPartition?: (partition: number) => number;
  /** Asked before each wave of a revision; while it says no, nothing moves. */
  readonly mayMove?: (revision: number) => boolean;
}

export interface SimulatedService {
  start(instance: PlatformInstance): Promise<void>;
  stop(instance: PlatformInstance): Promise<void>;
  stopAll(): Promise<void>;
  /** The process is gone from one moment to the next: it releases nothing. */
  kill(uid: string): Promise<void>;
  /** It reads what it is told no more, but goes on serving: a straggler. */
  deafen(uid: string): Promise<void>;
  /** What an instance held when it was stopped, by uid: must be 0 (NoKill). */
  readonly heldAtStop: ReadonlyMap<string, number>;
}

const reportEveryMs = 100;
const gapMs = 40;

export function simulateService(options: SimulatedOptions): SimulatedService {
  const running = new Map<string, Promise<SimulatedInstance>>();
  const heldAtStop = new Map<string, number>();
  let held: Promise<HeldPartitions> | undefined;
  const stop = async (uid: string) => {
    const instance = await running.get(uid);
    running.delete(uid);
    if (instance !== undefined) heldAtStop.set(uid, await instance.stop());
  };
  return {
    heldAtStop,
    start: async (instance) => {
      held ??= openHeldPartitions(options);
      running.set(instance.uid, started(options, held, instance));
      await running.get(instance.uid);
    },
    stop: (instance) => stop(instance.uid),
    kill: async (uid) => {
      const instance = await running.get(uid);
      running.delete(uid);
      await instance?.stop();
    },
    deafen: async (uid) => (await running.get(uid))?.deafen(),
    stopAll: async () => {
      for (const uid of [...running.keys()]) await stop(uid);
      await (await held)?.view.close();
    },
  };
}

/** Tried again while Kafka is away, as a process is that its platform starts again. */
async function started(
  options: SimulatedOptions,
  held: Promise<HeldPartitions>,
  instance: PlatformInstance,
): Promise<SimulatedInstance> {
  for (;;) {
    try {
      return await startInstance(options, held, instance);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, reportEveryMs));
    }
  }
}

interface SimulatedInstance {
  /** Resolves with the number of partitions held at that moment. */
  stop(): Promise<number>;
  deafen(): void;
}

async function startInstance(
  options: SimulatedOptions,
  heldPartitions: Promise<HeldPartitions>,
  { name, ordinal, uid, url }: PlatformInstance,
): Promise<SimulatedInstance> {
  const { bus, configDb, service, clientsPerPartition = () => 0 } = options;
  const goals = new Goals();
  const gaps = new Gaps();
  let stopped = false;
  let deaf = false;
  let working = false;
  let again = false;
  const inFlight = new Set<number>();

  const held = await heldPartitions;
  const { view } = held;
  const appender = await bus.appender(name);
  const mine = (p: number) => view.holderOf(p)?.incarnation === uid;
  const holdings = () => [...held.of(uid)].sort((a, b) => a - b);
  const clientsOn = (partitions: readonly number[]) =>
    partitions.reduce((sum, p) => sum + clientsPerPartition(p), 0);
  const targetOf = (p: number) => (goals.target === null ? null : ownerIn(goals.target.ranges, p));

  const control = await openControlReader(bus, service, (message) => {
    if (deaf) return;
    const change = goals.read(message);
    // While ConfigDB is away nobody hears of it; whoever waits says it again.
    if (change.kind === 'prepared') void warm().catch(() => undefined);
    kick();
  });
  await control.caughtUp();

  async function warm(): Promise<void> {
    const goal = goals.prepared;
    if (goal === null) return;
    const gained = ownIn(goal.ranges, ordinal).filter((p) => !mine(p)).length;
    if (gained === 0) return;
    const { rebalance } = goal;
    await configDb.saveWarmed({
      service,
      rebalance,
      instance: name,
      incarnation: uid,
      partitions: gained,
      atMs: Date.now(),
    });
  }

  async function append(type: 'acquired' | 'released', wave: readonly number[], revision: number) {
    const records = wave.map((partition) => {
      const last = view.last(partition);
      const record: OwnershipChange = {
        type,
        partition,
        revision,
        instance: name,
        incarnation: uid,
        prev: last === null ? null : offsetText(last.offset),
        next: '0',
        url,
      };
      return { topic: topicsOf(service).ownership, partition: 0, value: JSON.stringify(record) };
    });
    const offsets = await appender.append(records);
    if (parseOffset(String(offsets.at(-1) ?? 0)) === null) throw new Error('no offset');
    await view.caughtUp();
  }

  /** An earlier life of this ordinal speaks no more: the platform started this one in its place. */
  async function fencePredecessors(): Promise<void> {
    const earlier = held.othersOf(name, uid);
    for (const incarnation of earlier) {
      const fenced = { type: 'fenced', instance: name, incarnation, how: 'process-ended' };
      const { ownership } = topicsOf(service);
      await appender.append([{ topic: ownership, partition: 0, value: JSON.stringify(fenced) }]);
    }
    if (earlier.length > 0) await view.caughtUp();
  }

  async function step(): Promise<void> {
    const { target } = goals;
    if (target === null || stopped) return;
    await fencePredecessors();
    for (const p of inFlight) if (view.holderOf(p) !== null && !mine(p)) inFlight.delete(p);
    const isFree = (p: number) => {
      const last = view.last(p);
      return last === null || last.type === 'released' || view.isFenced(last.incarnation);
    };
    const take = ownIn(target.ranges, ordinal).filter(isFree);
    const give = holdings().filter((p) => targetOf(p) !== ordinal);
    if (take.length > 0) {
      const given = take.filter((p) => view.last(p)?.type === 'released');
      const lost = take.filter((p) => view.last(p)?.type === 'acquired');
      await append('acquired', take, target.revision);
      for (const [cause, of] of [['moved', given] as const, ['other', lost] as const]) {
        for (let i = 0; i < clientsOn(of); i += 1) gaps.arrived(target.revision, gapMs, cause);
      }
    }
    const wave = give.slice(0, target.pace.partitionsPerWave);
    // The next wave starts when the receivers of this one have acquired.
    const mayMove = options.mayMove?.(target.revision) !== false;
    if (wave.length > 0 && inFlight.size === 0 && !goals.holding && mayMove) {
      for (const p of wave) inFlight.add(p);
      gaps.left(target.revision, clientsOn(wave));
      try {
        await append('released', wave, target.revision);
      } catch (error) {
        // Kafka is away: they were not given away, and are with the next wave.
        for (const p of wave) inFlight.delete(p);
        throw error;
      }
    }
  }

  function kick(): void {
    if (working) {
      again = true;
      return;
    }
    working = true;
    void (async () => {
      do {
        again = false;
        await step();
        await report();
      } while (again && !stopped);
    })()
      .catch(() => undefined)
      .finally(() => (working = false));
  }

  async function report(): Promise<void> {
    if (stopped) return;
    const own = holdings();
    await configDb.saveReport({
      service,
      instance: name,
      incarnation: uid,
      url,
      revision: goals.target?.revision ?? 0,
      epoch: goals.epoch,
      clients: clientsOn(own),
      held: own.length,
      load: own
        .map((p) => [p, clientsPerPartition(p)] as const)
        .filter(([, clients]) => clients > 0),
      takenBack: [],
      moves: gaps.report(),
      atMs: Date.now(),
    });
  }

  const unlisten = view.onChange(kick);
  kick();
  const timer = setInterval(kick, reportEveryMs);
  return {
    deafen: () => {
      deaf = true;
    },
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await view.caughtUp();
      unlisten();
      const { size } = held.of(uid);
      await Promise.all([control.close(), appender.close()]);
      return size;
    },
  };
}

/** The partitions of an ordinal, ascending. */
function ownIn(ranges: readonly OwnedRange[], ordinal: number): number[] {
  return ranges.flatMap(([from, to, owner]) =>
    owner === ordinal ? Array.from({ length: to - from + 1 }, (_, at) => from + at) : [],
  );
}

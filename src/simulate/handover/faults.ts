// What goes wrong in a simulated world, and how often: crashes, pauses, slow machines, a network with
// delays, a broker and a ConfigDB away, lost sockets, reconnect storms, devices that restart. Chance
// decides when; everything ends before the world is asked to come to rest.

import type { ChatClient } from './chat-client.js';
import type { SimConfigDb } from './config-db.js';
import type { SimInstance } from './instance.js';
import type { Kernel } from '../kernel.js';
import type { SimKafka, Weather } from './kafka.js';
import type { Platform } from './platform.js';
import type { Process } from './process.js';
import type { Random } from '../random.js';

export const faultLevels = ['none', 'some', 'all'] as const;
export type FaultLevel = (typeof faultLevels)[number];

/** What the faults act on. */
export interface FaultTargets {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly kafka: SimKafka;
  readonly platform: Platform;
  readonly configDb: SimConfigDb;
  readonly directory: Process;
  readonly clients: readonly ChatClient[];
  readonly say: (who: string, what: string) => void;
}

/** Mean time between two faults. */
const everyMs = { none: Number.POSITIVE_INFINITY, some: 4_000, all: 1_500 } as const;

/** A calm network; `stormy` adds rare long delays, repeated appends and unknown outcomes. */
export function weatherOf(random: Random, level: FaultLevel): Weather {
  const spikes = { none: 0, some: 0.005, all: 0.02 }[level];
  const delayMs = (from: number, to: number) => (): number =>
    random.chance(spikes) ? random.between(20, 600) : random.between(from, to);
  return {
    requestMs: delayMs(0.3, 3),
    deliveryMs: delayMs(0.3, 6),
    duplicates: { none: 0, some: 0.01, all: 0.05 }[level],
    failures: { none: 0, some: 0, all: 0.005 }[level],
  };
}

type Fault = (targets: FaultTargets) => void;

export const faults = {
  crash: (t) => {
    const victim = anyInstance(t);
    if (victim === null) return;
    const restartMs = t.random.pick([t.random.between(50, 1_000), t.random.between(1_000, 8_000)]);
    t.say(victim.name, `crashes (${victim.incarnation}), back in ${Math.round(restartMs)} ms`);
    t.platform.ended(victim, t.random.chance(0.7), restartMs);
  },
  pause: (t) => {
    const victim = anyInstance(t);
    if (victim === null || victim.process.paused) return;
    const forMs = t.random.pick([t.random.between(50, 1_500), t.random.between(1_500, 12_000)]);
    const pause = (): void => {
      t.say(victim.name, `pauses for ${Math.round(forMs)} ms (${victim.incarnation})`);
      victim.process.pause();
      t.kernel.after(forMs, () => {
        t.say(victim.name, `goes on (${victim.incarnation})`);
        victim.process.resume();
      });
    };
    if (t.random.chance(0.5)) pause();
    else victim.lease.onBeat = () => t.kernel.after(t.random.between(0, 10), pause);
  },
  leave: (t) => {
    const victim = anyInstance(t);
    if (victim === null) return;
    t.say(victim.name, `is told to terminate (${victim.incarnation})`);
    victim.process.deliver(() => void victim.leave());
  },
  slow: (t) => {
    const victim = anyInstance(t);
    if (victim === null) return;
    victim.process.costMs = t.random.between(0.2, 4);
    t.say(victim.name, `is slow: ${victim.process.costMs.toFixed(1)} ms an event`);
    t.kernel.after(t.random.between(500, 5_000), () => {
      victim.process.costMs = 0;
    });
  },
  'broker-away': (t) => {
    const forMs = t.random.pick([t.random.between(200, 1_500), t.random.between(2_000, 8_000)]);
    t.say('kafka', `is away for ${Math.round(forMs)} ms`);
    t.kafka.goAway(forMs);
  },
  'config-db-away': (t) => {
    t.configDb.isAway = true;
    t.kernel.after(t.random.between(500, 4_000), () => {
      t.configDb.isAway = false;
    });
  },
  'directory-away': (t) => {
    t.directory.pause();
    t.kernel.after(t.random.between(200, 3_000), () => t.directory.resume());
  },
  'sockets-dropped': (t) => {
    const share = t.random.pick([0.05, 0.3]);
    for (const { socket } of t.clients) if (t.random.chance(share)) socket?.drop();
  },
  'sockets-cut': (t) => {
    for (const { socket } of t.clients) if (t.random.chance(0.05)) socket?.cut();
  },
  'reconnect-storm': (t) => {
    t.say('clients', 'all lose their sockets at once');
    for (const { socket } of t.clients) socket?.drop();
  },
  'device-restart': (t) => {
    const client = t.random.pick(t.clients);
    t.say(`${client.user}/${client.device}`, 'restarts');
    client.restart();
  },
  'device-offline': (t) => {
    const client = t.random.pick(t.clients);
    const forMs = t.random.between(1_000, 80_000);
    t.say(`${client.user}/${client.device}`, `is offline for ${Math.round(forMs)} ms`);
    client.restart(forMs);
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;

const some: readonly FaultName[] = ['crash', 'crash', 'pause', 'sockets-dropped', 'broker-away'];
const all = Object.keys(faults) as readonly FaultName[];

/** Starts the series; answers with how to end it. */
export function startFaults(
  targets: FaultTargets,
  level: FaultLevel,
  counts: Map<string, number>,
): () => void {
  if (level === 'none') return () => undefined;
  const names = level === 'some' ? some : [...all, 'crash' as const, 'pause' as const];
  let ended = false;
  const next = (): void => {
    const waitMs = -Math.log(1 - targets.random.next()) * everyMs[level];
    targets.kernel.after(waitMs, () => {
      if (ended) return;
      const name = targets.random.pick(names);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      faults[name](targets);
      next();
    });
  };
  next();
  return () => {
    ended = true;
  };
}

/** How often a change of ownership is followed by a fault of its writer, or of another. */
const aimed = { none: 0, some: 0, all: 0.03 } as const;

/** The moments in which most can go wrong: a record of the ownership log was just written. */
export function aimAt(targets: FaultTargets, level: FaultLevel, writer: string): void {
  const { random, kernel, platform, say } = targets;
  if (!random.chance(aimed[level])) return;
  const isWriter = random.chance(0.5);
  const victim = isWriter
    ? platform.live().find(({ name }) => name === writer)
    : anyInstance(targets);
  if (victim == null) return;
  kernel.after(random.between(0, 15), () => {
    say(victim.name, 'is hit in the middle of a hand-over');
    const forMs = random.between(50, 6_000);
    if (random.chance(0.5)) platform.ended(victim, random.chance(0.7), forMs);
    else if (!victim.process.paused) {
      victim.process.pause();
      kernel.after(forMs, () => victim.process.resume());
    }
  });
}

function anyInstance({ platform, random }: FaultTargets): SimInstance | null {
  const live = platform.live();
  return live.length === 0 ? null : random.pick(live);
}

// Owns: what a check has to do with: one instance of a service, the logs, tokens, and, where the service
// is the kit's own, the control plane and the program. Types, and what follows from them for every scene.

import { partitionOf } from '../core/murmur2.js';
import type { Pace } from '../core/records.js';
import { BadInputError } from '../errors.js';
import type { Appender, Bus, ConfigDb } from '../ports.js';
import { Broken, type Feature, type Need } from './check.js';
import type { Journal } from './journal.js';
import { openLine, type Line } from './line.js';
import { namesTriedMax } from './limits.js';

export interface Session {
  readonly user: string;
  readonly client: string;
  readonly partition: number;
  readonly token: string;
}

export interface Claims {
  readonly service: string;
  readonly user: string;
  readonly client: string;
  readonly session: string;
  readonly partition: number;
}

/** What the kit says and does as the control plane and as the other instance of a service of its own. */
export interface Stage {
  /** The scripted other instance: its address and the name of its life. */
  readonly peer: { readonly instance: string; readonly url: string; readonly incarnation: string };
  /** Partitions that the highest distribution gives the instance under test. */
  mine(): readonly number[];
  /** Epoch and revision of the highest distribution. */
  said(): Said;
  /**
   * Says a distribution of the next revision, or of another one (`as`), which then is no new goal. `mine`:
   * what the instance under test shall own. Resolves with its revision.
   */
  distribute(
    mine: readonly number[],
    how?: { readonly as?: Said; readonly pace?: Pace },
  ): Promise<number>;
  prepare(mine: readonly number[], rebalance: string): Promise<void>;
  say(type: 'hold' | 'resume' | 'report' | 'cancel-prepare'): Promise<void>;
  /** Any text on the control topic. */
  sayRaw(value: string): Promise<void>;
  /** Appends the peer's own record of a partition, valid where it stands; resolves with its offset. */
  peerDoes(type: 'acquired' | 'released', partition: number): Promise<number>;
  /** Any text on the ownership log; `unreadable`: no checker can judge it, and that is the kit's doing. */
  writeOwnership(value: string, unreadable?: 'unreadable'): Promise<void>;
  /** How many of those were unreadable. */
  unreadable(): number;
  /** Fences an incarnation as the protocol says, waiting its lease out; the answer when every log says so. */
  fence(instance: string, incarnation: string): Promise<void>;
  /** The peer dies and is fenced; it goes on under another incarnation. */
  losePeer(): Promise<void>;
}
export interface Said {
  readonly epoch: number;
  readonly revision: number;
}

/** The program under test, one life of it at a time. */
export interface Program {
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL' | 'SIGTERM'): void;
  /** Exit code, null when a signal ended it; undefined while it runs after `withinMs`. */
  ended(withinMs: number): Promise<number | null | undefined>;
  /** Kills what still runs and starts the next life, naming those before as ended; resolves when it is Ready. */
  startAgain(): Promise<void>;
  /** Another process with these settings instead; how it ended as `ended` says it, and nothing of it is left. */
  startWrongly(settings: Readonly<Record<string, string>>): Promise<number | null | undefined>;
  readonly probeUrl: string;
}

/** Who moves partitions of a running service. */
export interface Mover {
  /** Sentence that was said beforehand. */
  readonly announces: string;
  /** The command that asks for as many instances as before, for whoever has to do it by hand. */
  readonly byHand: string;
  /** Asks for one instance more, or as many as before; resolves with how it ended. */
  ask(instances: 'one-more' | 'as-before'): Promise<string>;
}

export interface Scene {
  readonly service: string;
  /** P */
  readonly partitions: number;
  readonly instance: string;
  readonly url: string;
  readonly bus: Bus;
  readonly appender: Appender;
  readonly journal: Journal;
  readonly without: ReadonlySet<Feature>;
  /** Name of the check that is at work. */
  readonly check?: string;
  /** Every line that was opened, for the checks of all frames. */
  readonly lines: Line[];
  /** Of this run, so that names never meet those of another. */
  readonly run: string;
  /** A new session of a user; each is newer than all before. */
  sessionOf(user: string, client: string): Promise<string>;
  readonly sign?: (claims: Partial<Claims>, issuedAtMs?: number) => Promise<string>;
  readonly stage?: Stage;
  readonly program?: Program;
  readonly mover?: Mover;
  readonly configDb?: Pick<ConfigDb, 'reports' | 'warmed'>;
}

/** The control plane and the other instance, of a check that needs `control`. */
export const stageOf = (scene: Scene): Stage => scene.stage as Stage;

/** What a scene has of what a check may need. */
export function has(scene: Scene, need: Need): boolean {
  switch (need) {
    case 'keys':
      return scene.sign !== undefined;
    case 'control':
      return scene.stage !== undefined;
    case 'program':
      return scene.program !== undefined;
    case 'config-db':
      return scene.configDb !== undefined;
    case 'moves':
      return scene.mover !== undefined;
    case 'another-instance':
      return elsewhere(scene) !== undefined;
  }
}

/** Partitions that the instance holds now, by the log. */
export function held(scene: Scene): readonly number[] {
  const all = Array.from({ length: scene.partitions }, (_, p) => p);
  return all.filter((p) => scene.journal.view.holderOf(p)?.instance === scene.instance);
}

/** A partition that somebody else holds now. */
export function elsewhere(scene: Scene): number | undefined {
  const { view } = scene.journal;
  const all = Array.from({ length: scene.partitions }, (_, p) => p);
  return all.find((p) => {
    const holder = view.holderOf(p);
    return holder !== null && holder.instance !== scene.instance && holder.url !== null;
  });
}

/** The incarnation that holds a partition for the instance. Throws Broken when there is none. */
export function incarnationOf(scene: Scene, partition: number): string {
  const holder = scene.journal.view.holderOf(partition);
  if (holder !== null) return holder.incarnation;
  throw new Broken(
    `nobody holds partition ${partition} by the ownership log`,
    'append a valid acquired for every partition of your ranges that is free, and keep it',
  );
}

let named = 0;

/** A name that nobody has, whose partition is one of these. */
export function newUser(scene: Scene, partitions: readonly number[]): string {
  const wanted = new Set(partitions);
  for (let tries = 0; tries < namesTriedMax; tries += 1) {
    named += 1;
    const user = `conformance-${scene.run}-${named}`;
    if (wanted.has(partitionOf(user, scene.partitions))) return user;
  }
  throw new BadInputError(`no user name was found for partitions ${partitions.join(', ')}`);
}

/** A session of a new user of one of these partitions (default: those that the instance holds). */
export async function newSession(
  scene: Scene,
  wish: {
    readonly partitions?: readonly number[];
    readonly user?: string;
    readonly client?: string;
  } = {},
): Promise<Session> {
  const user = wish.user ?? newUser(scene, wish.partitions ?? held(scene));
  const client = wish.client ?? 'kit';
  const partition = partitionOf(user, scene.partitions);
  return { user, client, partition, token: await scene.sessionOf(user, client) };
}

/** Opens a socket to the instance. Throws Broken when it accepts none. */
export async function dial(scene: Scene, label: string, url = scene.url): Promise<Line> {
  const { check } = scene;
  const line = await openLine(url, check === undefined ? label : `${label}, in the check ${check}`);
  if (line === null) {
    throw new Broken(
      `${url} accepts no WebSocket`,
      'listen on EVENKEEL_PORT and answer the WebSocket handshake on any path',
    );
  }
  scene.lines.push(line);
  return line;
}

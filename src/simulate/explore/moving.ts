// Owns: putting together the state after one event: a host with everything that it wants to happen
// outside, put where it waits for its own time. Knows no event.

import type { Emit, Line } from './breadth-first.js';
import { copyOf } from './graph.js';
import type { HostOut } from './parts.js';
import type { Host } from './host.js';
import { absent, gone, paused, running } from './world.js';
import type { Env, HostOutcome, World } from './world.js';

export class Moving {
  readonly world: World;
  /** The state before. */
  readonly row: Int32Array;
  /** The state after, while it is put together. */
  private readonly next: Int32Array;
  private readonly emit: Emit;
  private violation: string | null = null;

  constructor(world: World, row: Int32Array, next: Int32Array, emit: Emit) {
    this.world = world;
    this.row = row;
    this.next = next;
    this.emit = emit;
  }

  get env(): Env {
    return this.world.envs.get(this.row[0] as number);
  }

  begin(): this {
    this.next.set(this.row);
    this.violation = null;
    return this;
  }

  set(index: number, part: number): this {
    this.next[index] = part;
    return this;
  }

  get(index: number): number {
    return this.next[index] as number;
  }

  wrong(violation: string | null): this {
    this.violation ??= violation;
    return this;
  }

  done(kind: string, say: () => string, landed?: () => Line['landed']): void {
    this.emit(kind, this.next, this.violation, () => {
      const value = landed?.();
      return value === undefined ? { text: say() } : { text: say(), landed: value };
    });
  }

  isUp(slot: number): boolean {
    return this.row[this.world.at(slot).status] === running;
  }

  name(slot: number): string {
    return this.world.incarnationAt(this.row, slot);
  }

  /** An event of a running incarnation; what it wants is put on its way. */
  host(slot: number, key: string, run: (host: Host) => void): HostOutcome {
    const { world } = this;
    const at = world.at(slot);
    const good = world.isGood(this.row, slot);
    const outcome = world.host(this.next[at.host] as number, good, key, run);
    this.next[at.host] = outcome.host;
    if (outcome.own.length > 0) this.push(at.own, outcome);
    if (outcome.evidence.length > 0) this.pushEvidence(at.evidence, outcome);
    for (let i = 0; i < outcome.frames.length; i += 1) this.deliverFrame(outcome, i);
    for (const victim of outcome.fences) this.startFencing(slot, victim);
    if (world.hostOf(outcome.host).fencedItself) this.end(slot);
    return outcome;
  }

  /** The process of an incarnation is no more. What it handed over is still on its way. */
  end(slot: number): void {
    const { world, next } = this;
    const at = world.at(slot);
    const { ordinal, incarnation } = world.hosts.get(next[at.host] as number);
    next[at.status] = gone;
    next[at.host] = world.once(`g${incarnation}`, () => {
      const log = world.machines.ownershipLog(world.options.partitions);
      return world.hosts.idOf(world.newHost(ordinal, incarnation, log));
    });
    next[at.lease] = world.lease(next[at.lease] as number, 'ended');
    next[at.evidence] = world.once(`ge${next[at.evidence]}`, () => {
      const items = world.evidences.get(next[at.evidence] as number);
      return world.evidences.idOf(items.filter(({ landed }) => !landed));
    });
  }

  slotOf(incarnation: string): number {
    for (let slot = 0; slot < this.world.slots; slot += 1) {
      const status = this.next[this.world.at(slot).status];
      if (status !== absent && this.world.incarnationAt(this.next, slot) === incarnation)
        return slot;
    }
    return -1;
  }

  startFencing(by: number, incarnation: string): void {
    const { world, next } = this;
    const victim = this.slotOf(incarnation);
    if (victim === -1) throw new Error(`nobody knows ${incarnation}`);
    for (let i = world.firstFence; i < world.width; i += 1) {
      if (next[i] !== 0) continue;
      next[i] = world.once(`nf${by}|${victim}`, () => {
        const instance = incarnation.slice(0, incarnation.indexOf('#'));
        const fencing = world.machines.fencing({ instance, incarnation }, world.options.limits);
        const part = { by, victim, fencing, stage: 'fence-sent', fenced: null } as const;
        return world.fences.idOf(copyOf(part));
      });
      return;
    }
    throw new Error('the world has too few places for fencings');
  }

  private push(index: number, { number, own }: HostOutcome): void {
    const { world, next } = this;
    const before = next[index] as number;
    next[index] = world.once(`po${before}|${number}`, () => {
      const items = own.map((record) => ({ record: world.records.idOf(record), late: false }));
      return world.owns.idOf([...world.owns.get(before), ...items]);
    });
  }

  private pushEvidence(index: number, { number, evidence }: HostOutcome): void {
    const { world, next } = this;
    const before = next[index] as number;
    next[index] = world.once(`pe${before}|${number}`, () => {
      const items = evidence.map((record) => ({ record, landed: false }));
      return world.evidences.idOf([...world.evidences.get(before), ...items]);
    });
  }

  private deliverFrame({ number, frames }: HostOutcome, i: number): void {
    const { world, next } = this;
    const { connection, frame } = frames[i] as HostOut['frames'][number];
    const index = world.firstClient + clientOf(connection);
    const before = next[index] as number;
    next[index] = world.once(`df${before}|${number}|${i}`, () => {
      const part = copyOf(world.clients.get(before));
      const wire = part.wires.find((one) => one.connection === connection);
      wire?.frames.push(frame);
      return world.clients.idOf(part);
    });
  }

  /** Running or standing still. */
  lives(slot: number): boolean {
    const status = this.row[this.world.at(slot).status];
    return status === running || status === paused;
  }
}

/** `c1-2` is the third connection of client 1. */
export function clientOf(connection: string): number {
  return Number(connection.slice(1, connection.indexOf('-')));
}

/** What an event makes an incarnation do, in words; empty for nothing. */
export function consequences({ own, evidence, frames, fences }: HostOut): string {
  const said = [
    ...own.map(({ type, partition }) => `appends \`${type}\` of p${partition}`),
    ...evidence.map(({ type, connection }) => `appends \`${type}\` of ${connection}`),
    ...frames.map(({ connection, frame }) => `sends \`${frame.type}\` to ${connection}`),
    ...fences.map((incarnation) => `begins to fence ${incarnation}`),
  ];
  return said.length === 0 ? '' : `: ${said.join(', ')}`;
}

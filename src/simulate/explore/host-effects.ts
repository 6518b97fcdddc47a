// Owns: what the driver of an explored incarnation acts through, as lists instead of networks: what it
// wants appended, sent, read and fenced. Methods find their state on `this`, so that a copy of an
// incarnation is whole. Never carries anything out.

import type { Connections } from '../../core/handover/connections.js';
import type { OwnershipLog } from '../../core/handover/ownership-log.js';
import type { HandOverViews } from '../../core/handover/phase.js';
import type { OwnershipChange } from '../../core/records.js';
import { instanceName } from '../../core/records.js';
import type { ServiceConnection } from '../../instance/api.js';
import type { Effects } from '../../instance/driver.js';
import type { Frame, HostOut, SessionEntry } from './parts.js';

export const service = 's';

export function urlOf(ordinal: number): string {
  return `ws://${instanceName(service, ordinal)}`;
}

/** Nothing is wanted yet. */
export const nothingOut = (): HostOut => ({ own: [], evidence: [], frames: [], fences: [] });

/** The service's end of one socket. */
export class Wire implements ServiceConnection {
  readonly id: string;
  private readonly host: HostEffects;
  /** First offset that the client wants; null when it has seen none. */
  next: number | null;
  welcomed = false;
  /** Told to go: the service closes the socket. */
  ended = false;

  constructor(id: string, host: HostEffects, next: number | null) {
    this.id = id;
    this.host = host;
    this.next = next;
  }

  welcome(welcome: { readonly revision: number }): void {
    this.welcomed = true;
    this.next ??= 0; // Everybody was connected before the first message.
    const { name: instance } = this.host;
    const next = String(this.next);
    this.send({ type: 'welcome', instance, revision: welcome.revision, next });
  }

  disconnect(notice: {
    readonly reason: string;
    readonly url?: string;
    readonly revision: number;
  }) {
    this.ended = true;
    this.send({ type: 'disconnect', ...notice, next: String(this.next ?? 0) });
  }

  redirect(to: { readonly url: string; readonly revision: number }): void {
    this.ended = true;
    this.send({ type: 'redirect', ...to });
  }

  refuse(code: string): void {
    this.ended = true;
    this.send({ type: 'error', code });
  }

  suspend(): void {
    // Only marks `alive` frames: nothing that exploration looks at.
  }

  /** The next message of the partition. */
  message(): void {
    const offset = this.next as number;
    this.next = offset + 1;
    const said = { id: `m${offset}`, from: 'x', client: 'd', to: 'y', body: '', sentAtMs: 0 };
    this.send({ type: 'message', offset: String(offset), ...said });
  }

  private send(frame: Frame): void {
    this.host.out.frames.push({ connection: this.id, frame });
  }
}

export class HostEffects implements Effects {
  readonly name: string;
  out: HostOut = nothingOut();
  leaseIsGood = false;
  connectionId = '';
  readonly warming: number[] = [];
  readonly ownership = new Box<OwnershipChange>();
  readonly evidence = new Box<SessionEntry>();

  constructor(name: string) {
    this.name = name;
  }

  nowMs(): number {
    return 0;
  }
  leaseGood(): boolean {
    return this.leaseIsGood;
  }
  newConnectionId(): string {
    return this.connectionId;
  }
  ownershipRecord(record: OwnershipChange) {
    return { topic: 'ownership', partition: 0, value: record as unknown as string };
  }
  sessionRecord(record: object) {
    return { topic: 'sessions', partition: 0, value: record as unknown as string };
  }
  warm(partitions: readonly number[]): void {
    this.warming.push(...partitions);
  }
  forget(partitions: readonly number[]): void {
    for (const partition of partitions) {
      const at = this.warming.indexOf(partition);
      if (at >= 0) this.warming.splice(at, 1);
    }
  }
  fence(incarnation: string): void {
    this.out.fences.push(incarnation);
  }
  answerWarmed(): void {
    // Goes to the control plane, which exploration lets commit at any time.
  }
  report(): void {
    // Nothing that safety rests on is in a report.
  }
  alarm(): void {
    // Read by people.
  }
}

/** Records that wait for the end of the present event; the world hands them on or drops them. */
class Box<R> {
  waiting: R[] = [];

  add(entry: { readonly record: { readonly value: unknown } }): void {
    this.waiting.push(entry.record.value as R);
  }
  resume(): void {
    // The world looks after each event.
  }
  take(): R[] {
    const taken = this.waiting;
    this.waiting = [];
    return taken;
  }
}

/** What the machine sees of its own instance; methods, for the same reason. */
export class Views implements HandOverViews {
  readonly log: OwnershipLog;
  private readonly connections: Connections;

  constructor(log: OwnershipLog, connections: Connections) {
    this.log = log;
    this.connections = connections;
  }
  clientsOf(partition: number): number {
    return this.connections.clientsOf(partition);
  }
  positionOf(): number {
    return 0;
  }
}

export class NoGaps {
  left(): void {
    // Gaps are measured in real time only.
  }
}

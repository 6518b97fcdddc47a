// One life of one instance: carries out what the state machines of core/handover decide. It owns the
// wiring (logs in, appends out, sockets through the service's connections) and no rule of its own:
// if something here looks like a decision, it belongs into core.

import type { Connections, ConnectionAction } from '../core/handover/connections.js';
import type { HandOver } from '../core/handover/hand-over.js';
import type { Action } from '../core/handover/phase.js';
import type {
  ClosedReason,
  ControlMessage,
  OwnershipChange,
  SessionChange,
} from '../core/records.js';
import type { ClientIdentity, ServiceConnection } from './api.js';
import type { Gaps } from './gaps.js';
import type { Outbox } from './outbox.js';
import type { Seen } from './spans.js';

/** What the driver acts through; everything asynchronous lies behind these. */
export interface Effects {
  readonly nowMs: () => number;
  readonly leaseGood: () => boolean;
  readonly newConnectionId: () => string;
  readonly ownership: Pick<Outbox, 'add' | 'resume'>;
  readonly evidence: Pick<Outbox, 'add' | 'resume'>;
  readonly ownershipRecord: (record: OwnershipChange) => {
    topic: string;
    partition: number;
    value: string;
  };
  readonly sessionRecord: (record: SessionChange) => {
    topic: string;
    partition: number;
    value: string;
  };
  readonly warm: (partitions: readonly number[]) => void;
  readonly forget: (partitions: readonly number[]) => void;
  readonly fence: (incarnation: string) => void;
  readonly answerWarmed: (rebalance: string, partitions: number) => void;
  readonly report: () => void;
  /** Call `tick` no later than this: a wave is due. */
  readonly wakeBy?: (atMs: number) => void;
  readonly alarm: (text: string) => void;
  /** Told of everything that is carried out, for traces. */
  readonly saw?: ((seen: Seen) => void) | undefined;
}

interface Admitted {
  readonly id: string;
  readonly connection: ServiceConnection;
  welcomed: boolean;
}

export class Driver {
  private readonly instance: string;
  private readonly incarnation: string;
  private readonly handOver: HandOver;
  private readonly connections: Connections;
  private readonly gaps: Pick<Gaps, 'left'>;
  private readonly effects: Effects;
  private readonly byId = new Map<string, Admitted>();
  private readonly byConnection = new Map<ServiceConnection, Admitted>();

  constructor(
    who: { readonly instance: string; readonly incarnation: string },
    machines: {
      readonly handOver: HandOver;
      readonly connections: Connections;
      readonly gaps: Pick<Gaps, 'left'>;
    },
    effects: Effects,
  ) {
    this.instance = who.instance;
    this.incarnation = who.incarnation;
    this.handOver = machines.handOver;
    this.connections = machines.connections;
    this.gaps = machines.gaps;
    this.effects = effects;
  }

  maySpeak(partition: number): boolean {
    return this.handOver.holds(partition) && this.effects.leaseGood();
  }

  // ---------------------------------------------------------------- from the service

  admit(identity: ClientIdentity, revision: number | null, connection: ServiceConnection): void {
    const admitted = { id: this.effects.newConnectionId(), connection, welcomed: false };
    this.byId.set(admitted.id, admitted);
    this.byConnection.set(connection, admitted);
    const { partition } = identity;
    this.effects.saw?.({ kind: 'hello', id: admitted.id, partition, revision });
    const admission = this.handOver.admission(partition, revision);
    const actions = this.connections.admit(admitted.id, identity, admission, this.effects.nowMs());
    this.carryOut(actions);
  }

  socketClosed(connection: ServiceConnection, reason: ClosedReason): void {
    const admitted = this.byConnection.get(connection);
    if (admitted === undefined) return;
    this.byConnection.delete(connection);
    this.byId.delete(admitted.id);
    this.effects.saw?.({ kind: 'gone', id: admitted.id });
    this.carryOut(this.connections.socketClosed(admitted.id, reason));
  }

  // ---------------------------------------------------------------- from the logs and the clock

  /** The log has the `opened` or `closed` of a connection. */
  evidenceAcknowledged(kind: SessionChange['type'], id: string, partition: number): void {
    this.carryOut(
      kind === 'opened'
        ? this.connections.openedAcknowledged(id, this.maySpeak(partition))
        : this.connections.closedAcknowledged(id),
    );
  }

  control(message: ControlMessage): void {
    this.act(this.handOver.onControl(message, this.effects.nowMs()));
  }

  act(actions: readonly Action[]): void {
    for (const action of actions) this.actOn(action);
    const dueMs = this.handOver.wakeAtMs();
    if (dueMs !== null) this.effects.wakeBy?.(dueMs);
  }

  tick(): void {
    const nowMs = this.effects.nowMs();
    this.act(this.handOver.onTick(nowMs));
    this.carryOut(this.connections.tick(nowMs));
  }

  suspend(suspended: boolean): void {
    for (const { connection, welcomed } of this.byId.values())
      if (welcomed) connection.suspend(suspended);
    if (!suspended) {
      this.effects.ownership.resume();
      this.effects.evidence.resume();
    }
  }

  /** The lease is gone for too long, or for ever: every socket is closed without another word. */
  closeAll(why: string): void {
    for (const { connection } of [...this.byId.values()]) connection.refuse('unavailable', why);
  }

  // ---------------------------------------------------------------- actions

  private actOn(action: Action): void {
    this.effects.saw?.(action);
    switch (action.kind) {
      case 'append':
        for (const record of action.records) {
          this.effects.ownership.add({ record: this.effects.ownershipRecord(record) });
        }
        return;
      case 'serve': {
        const revision = this.handOver.goals.target?.revision ?? 0;
        for (const p of action.partitions) this.carryOut(this.connections.serve(p, revision));
        return;
      }
      case 'drain':
        this.carryOut(this.connections.drain(action.partitions, action));
        this.effects.report();
        return;
      case 'turn-away':
        for (const p of action.partitions)
          this.carryOut(this.connections.turnAway(p, action.url, action.revision));
        return;
      case 'warm':
        return this.effects.warm(action.partitions);
      case 'forget':
        return this.effects.forget(action.partitions);
      case 'fence':
        return this.effects.fence(action.incarnation);
      case 'answer-warmed':
        return this.effects.answerWarmed(action.rebalance, action.partitions);
      case 'report':
        return this.effects.report();
      case 'alarm':
        return this.effects.alarm(action.text);
    }
  }

  private carryOut(actions: readonly ConnectionAction[]): void {
    for (const action of actions) this.carryOutOne(action);
  }

  private carryOutOne(action: ConnectionAction): void {
    this.effects.saw?.(action);
    switch (action.kind) {
      case 'opened':
      case 'closed':
        return this.writeEvidence(action);
      case 'drained':
        return this.act(this.handOver.onDrained(action.partition, this.effects.nowMs()));
      case 'welcome':
        return this.welcome(action.id, action.revision);
      case 'disconnect':
        if (action.reason === 'moved') this.gaps.left(action.revision, 1);
        this.byId.get(action.id)?.connection.disconnect({
          reason: action.reason,
          revision: action.revision,
          delayMs: action.delayMs,
          ...(action.url === null ? {} : { url: action.url }),
        });
        return;
      case 'redirect':
        return this.byId
          .get(action.id)
          ?.connection.redirect({ url: action.url, revision: action.revision });
      case 'refuse':
        return this.byId.get(action.id)?.connection.refuse(action.code, refusals[action.code]);
    }
  }

  private welcome(id: string, revision: number): void {
    const admitted = this.byId.get(id);
    if (admitted === undefined) return;
    admitted.welcomed = true;
    admitted.connection.welcome({ connection: id, revision });
  }

  private writeEvidence(action: ConnectionAction & { kind: 'opened' | 'closed' }): void {
    const { id, kind, identity, revision, reason } = action;
    const { partition, user, client, session } = identity;
    const record: SessionChange = {
      type: kind,
      partition,
      user,
      client,
      session,
      connection: id,
      instance: this.instance,
      incarnation: this.incarnation,
      revision,
      ...(reason === undefined ? {} : { reason }),
    };
    this.effects.evidence.add({
      record: this.effects.sessionRecord(record),
      onAcknowledged: () => {
        this.evidenceAcknowledged(kind, id, partition);
      },
    });
  }
}

const refusals = {
  superseded: 'a newer session of this user and client is connected',
  'too-many': 'too many clients wait on this instance; ask the directory again shortly',
  unavailable: 'this instance cannot serve the partition now; ask the directory',
} as const;

// Owns: one world to explore: its parts, each with a number, and what a part does, computed by the
// real machines once and remembered. A state is a row of such numbers. Which events there are lies in
// the moves-files; what is wrong with a state in properties.ts.
//
//   env │ ownership log │ sessions │ per incarnation: status host lease own evidence │ clients │ fencings

import type { OwnershipLog } from '../../core/handover/ownership-log.js';
import { newClient } from '../../core/handover/client.js';
import type { ClientEvent } from '../../core/handover/client.js';
import type { ControlMessage, OwnershipRecord, SessionChange } from '../../core/records.js';
import { instanceName } from '../../core/records.js';
import { realMachines } from '../machines.js';
import type { Machines } from '../machines.js';
import { clientConfig, clientOutcome } from './client-part.js';
import type { ClientOutcome, ClientPart } from './client-part.js';
import { controlMessages } from './control-messages.js';
import type { FencePart } from './fence-part.js';
import { copyOf, elapse } from './graph.js';
import type { Horizons } from './graph.js';
import { Host, service } from './host.js';
import { Interner, remembered } from './interner.js';
import { leaseFenced, leaseStep } from './lease-part.js';
import type { LeasePart, LeaseStep } from './lease-part.js';
import type { HostOut } from './parts.js';
import { realRules } from './rules.js';
import type { Rules } from './rules.js';
import type { SessionsPart } from './sessions-part.js';
import { hostFacts, leaseFacts, logFacts } from './facts.js';
import type { Budgets, WorldOptions } from './world-options.js';

/** What is not part of any process. */
export interface Env {
  /** The control topic: numbers of messages. */
  readonly control: readonly number[];
  readonly produced: number;
  readonly left: Budgets;
}

/** An ownership record on its way; `late`: the second copy of one, bound to no order. */
export interface OwnItem {
  /** Number of the record. */
  readonly record: number;
  readonly late: boolean;
}

export interface EvidenceItem {
  readonly record: SessionChange;
  /** In the log; not acknowledged to its writer yet. */
  readonly landed: boolean;
}

/** Of an incarnation. `gone`: its process ended. */
export const absent = 0;
export const running = 1;
export const paused = 2;
export const gone = 3;

export const slotWidth = 5;
export const firstSlot = 3;

export interface HostOutcome extends HostOut {
  readonly host: number;
  /** Of this very outcome. */
  readonly number: number;
}

export class World {
  readonly options: WorldOptions;
  readonly machines: Machines;
  readonly rules: Rules;
  readonly control: readonly ControlMessage[];
  readonly slots: number;
  readonly firstClient: number;
  readonly firstFence: number;
  readonly width: number;

  readonly envs = new Interner<Env>();
  readonly records = new Interner<OwnershipRecord>();
  /** Numbers of records, each at its offset. */
  readonly logs = new Interner<readonly number[]>();
  readonly sessions = new Interner<SessionsPart>();
  readonly hosts = new Interner<Host>();
  readonly leases = new Interner<LeasePart>();
  readonly owns = new Interner<readonly OwnItem[]>();
  readonly evidences = new Interner<readonly EvidenceItem[]>();
  readonly clients = new Interner<ClientPart>();
  readonly fences = new Interner<FencePart>();

  readonly hostOf = remembered((id) => hostFacts(this.hosts.get(id)));
  readonly leaseOf = remembered((id) => leaseFacts(this.leases.get(id)));
  readonly logOf = remembered((id) => logFacts(this.recordsOf(id), this));

  private outcomes = 0;
  private readonly remembered = new Map<string, unknown>();
  private readonly horizons: Horizons;

  constructor(options: WorldOptions, machines: Machines = realMachines, rules: Rules = realRules) {
    this.options = options;
    this.machines = machines;
    this.rules = rules;
    this.control = controlMessages(options);
    const { budgets, limits, instances } = options;
    const fencings = budgets.fences + (budgets.restarts * (budgets.restarts + 1)) / 2;
    this.slots = instances + budgets.restarts;
    this.firstClient = firstSlot + this.slots * slotWidth;
    this.firstFence = this.firstClient + options.clients.length;
    this.width = this.firstFence + fencings;
    const upTo = (ms: number): number => (Number.isFinite(ms) ? ms : 0);
    this.horizons = {
      validUntilMs: Number.isFinite(limits.lapseMaxMs) ? limits.lapseMaxMs + 1 : 0,
      firstSentAtMs: limits.ttlMs + (upTo(limits.lapseMaxMs) === 0 ? 0 : limits.lapseMaxMs + 1),
      triedAtMs: upTo(limits.repeatAfterMs),
      readAtMs: upTo(limits.takeBackAfterMs),
      parkedAtMs: upTo(limits.parkedMs),
      notBeforeMs: 0,
      closingUntilMs: 0,
      wakeAtMs: 0,
      appendedAtMs: limits.ttlMs + limits.marginMs,
    };
  }

  // ---------------------------------------------------------------- parts

  recordsOf(log: number): readonly OwnershipRecord[] {
    return this.logs.get(log).map((number) => this.records.get(number));
  }

  newHost(ordinal: number, incarnation: string, log: OwnershipLog): Host {
    return new Host({ ordinal, incarnation }, this.machines, this.options.limits, log);
  }

  newLease(ordinal: number, incarnation: string): number {
    const name = instanceName(service, ordinal);
    const lease = this.machines.lease(name, incarnation, this.options.limits);
    return this.leases.idOf({ lease, sending: [], unread: [], acked: false });
  }

  newClient(): number {
    const state = newClient(clientConfig);
    return this.clients.idOf({ state, wires: [], session: 0, expected: null });
  }

  /** What one event does to an incarnation. `key` names the event and all that it brings. */
  host(id: number, leaseIsGood: boolean, key: string, run: (host: Host) => void): HostOutcome {
    return this.once(`h${id}|${leaseIsGood}|${key}`, () => {
      const host = copyOf(this.hosts.get(id));
      host.effects.leaseIsGood = leaseIsGood;
      run(host);
      const out = host.takeOut();
      this.outcomes += 1;
      return { ...out, host: this.hosts.idOf(host), number: this.outcomes };
    });
  }

  /** -1 when the step cannot happen. */
  lease(id: number, step: LeaseStep): number {
    return this.once(`l${id}|${step}`, () => {
      const part = leaseStep(this.leases.get(id), step);
      return part === null ? -1 : this.leases.idOf(part);
    });
  }

  /** A `fence` lands, whomever it names. */
  leaseFenced(id: number, incarnation: string): number {
    return this.once(`lf${id}|${incarnation}`, () => {
      const fence = { type: 'fence', incarnation, by: '' } as const;
      return this.leases.idOf(leaseFenced(this.leases.get(id), fence));
    });
  }

  client(
    id: number,
    key: string,
    event: () => ClientEvent | { readonly kind: 'read'; readonly socket: number },
  ): Omit<ClientOutcome, 'part'> & { readonly client: number } {
    return this.once(`c${id}|${key}`, () => {
      const before = this.clients.get(id);
      const { part, hello, violation } = clientOutcome(this.machines.client, before, event());
      return { client: this.clients.idOf(part), hello, violation };
    });
  }

  /** One unit of time passes in a part of an interner. */
  elapsed<T extends object>(what: string, parts: Interner<T>, id: number): number {
    return this.once(`t${what}${id}`, () => {
      const part = copyOf(parts.get(id));
      elapse(part, 1, this.horizons);
      return parts.idOf(part);
    });
  }

  /** Any other function of numbers. */
  once<R>(key: string, compute: () => R): R {
    const known = this.remembered.get(key);
    if (known !== undefined) return known as R;
    const made = compute();
    this.remembered.set(key, made);
    return made;
  }

  /** A changed env. */
  env(id: number, change: string, changed: (env: Env) => Env): number {
    return this.once(`e${id}|${change}`, () => this.envs.idOf(changed(this.envs.get(id))));
  }

  /** The env with one less of something; -1 when there is none left. */
  spend(id: number, what: keyof Env['left']): number {
    return this.once(`s${id}|${what}`, () => {
      const env = this.envs.get(id);
      if (env.left[what] <= 0) return -1;
      return this.envs.idOf({ ...env, left: { ...env.left, [what]: env.left[what] - 1 } });
    });
  }

  // ---------------------------------------------------------------- places in a row

  at(slot: number): { status: number; host: number; lease: number; own: number; evidence: number } {
    const base = firstSlot + slot * slotWidth;
    return { status: base, host: base + 1, lease: base + 2, own: base + 3, evidence: base + 4 };
  }

  incarnationAt(row: Int32Array, slot: number): string {
    return this.hosts.get(row[this.at(slot).host] as number).incarnation;
  }

  keepsLease(row: Int32Array, slot: number): boolean {
    const { ordinal } = this.hostOf(row[this.at(slot).host] as number);
    return this.options.leases.includes(ordinal);
  }

  /** A lease that is good at this moment. */
  isGood(row: Int32Array, slot: number): boolean {
    return !this.keepsLease(row, slot) || this.leaseOf(row[this.at(slot).lease] as number).good;
  }
}

// A ConfigDb in memory with the laws of src/ports.ts, for tests and for embedders' tests. Values go
// in and come out as copies, as through a database.

import {
  checkpointsMax,
  decisionsMax,
  epochAttemptsMax,
  plansMax,
  rebalancesMax,
  trimEvery,
  loadDaysMax,
  warmedMax,
} from '../../limits.js';
import type {
  CheckpointDoc,
  ConfigDb,
  DecisionDoc,
  DistributionDoc,
  InsertResult,
  InstanceReport,
  LoadDoc,
  PlanDoc,
  PolicyDoc,
  RebalanceDoc,
  WarmedDoc,
} from '../../ports.js';
import { ClosedError } from '../bus-errors.js';

interface Owned {
  readonly service: string;
}

/** One collection: documents by key. */
class Collection<T extends Owned> {
  readonly #documents = new Map<string, T>();
  #writes = 0;

  insert(key: string, doc: T): InsertResult<T> {
    const existing = this.#documents.get(key);
    if (existing !== undefined) return { kind: 'conflict', existing: copy(existing) };
    this.#documents.set(key, copy(doc));
    return { kind: 'committed' };
  }

  put(key: string, doc: T): void {
    this.#documents.set(key, copy(doc));
  }

  get(key: string): T | null {
    const found = this.#documents.get(key);
    return found === undefined ? null : copy(found);
  }

  /** Of one service, highest first. */
  of(service: string, by: (doc: T) => number | string): T[] {
    return [...this.#documents.values()]
      .filter((doc) => doc.service === service)
      .sort((a, b) => (by(a) < by(b) ? 1 : by(a) > by(b) ? -1 : 0))
      .map(copy);
  }

  trim(service: string, by: (doc: T) => number, keep: number): void {
    this.#writes += 1;
    if (this.#writes % Math.min(trimEvery, keep) !== 0) return;
    const last = this.of(service, by)[keep];
    if (last === undefined) return;
    for (const [key, doc] of this.#documents) {
      if (doc.service === service && by(doc) <= by(last)) this.#documents.delete(key);
    }
  }

  services(): string[] {
    return [...this.#documents.values()].map(({ service }) => service);
  }

  /** What is here now; the answer puts it back. */
  backup(): () => void {
    const kept = [...this.#documents];
    return () => {
      this.#documents.clear();
      for (const [key, doc] of kept) this.#documents.set(key, doc);
    };
  }
}

/** What a database keeps of a value: no undefined, no shared references. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

interface Epoch extends Owned {
  readonly epoch: number;
  readonly by: string;
  readonly atMs: number;
}

export interface MemoryConfigDb extends ConfigDb {
  /** A backup of everything; the answer restores it, and what was written since is forgotten. */
  backup(): () => void;
}

export function createMemoryConfigDb(): MemoryConfigDb {
  const distributions = new Collection<DistributionDoc>();
  const policies = new Collection<PolicyDoc>();
  const epochs = new Collection<Epoch>();
  const plans = new Collection<PlanDoc>();
  const rebalances = new Collection<RebalanceDoc>();
  const decisions = new Collection<DecisionDoc>();
  const reports = new Collection<InstanceReport>();
  const warmed = new Collection<WarmedDoc>();
  const checkpoints = new Collection<CheckpointDoc>();
  const loads = new Collection<LoadDoc>();
  const all = [
    ...[distributions, policies, epochs, plans, rebalances],
    ...[decisions, reports, warmed, checkpoints, loads],
  ];
  const at = ({ atMs }: { readonly atMs: number }) => atMs;
  let closed = false;

  /** Every operation takes a turn of the event loop, so that races are as possible as with a server. */
  async function turn(): Promise<void> {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    if (closed) throw new ClosedError('the ConfigDb');
  }

  return {
    async insertDistribution(doc) {
      await turn();
      return distributions.insert(`${doc.service}@${doc.revision}`, doc);
    },
    async latestDistribution(service) {
      await turn();
      return distributions.of(service, ({ revision }) => revision)[0] ?? null;
    },
    async distribution(service, revision) {
      await turn();
      return distributions.get(`${service}@${revision}`);
    },
    async takeEpoch(service, by, atMs, above = 0) {
      await turn();
      let epoch = Math.max(epochs.of(service, (doc) => doc.epoch)[0]?.epoch ?? 0, above);
      for (let attempt = 0; attempt < epochAttemptsMax; attempt += 1) {
        await turn();
        epoch += 1;
        if (epochs.insert(`${service}@${epoch}`, { service, epoch, by, atMs }).kind === 'committed')
          return epoch;
      }
      throw new Error(`${epochAttemptsMax} others took an epoch of ${service} first`);
    },
    async latestEpoch(service) {
      await turn();
      return epochs.of(service, ({ epoch }) => epoch)[0]?.epoch ?? 0;
    },
    async insertPolicy(doc) {
      await turn();
      return policies.insert(`${doc.service}@${doc.revision}`, doc);
    },
    async latestPolicy(service) {
      await turn();
      return policies.of(service, ({ revision }) => revision)[0] ?? null;
    },
    async savePlan(doc) {
      await turn();
      plans.put(doc.id, doc);
      plans.trim(doc.service, at, plansMax);
    },
    async plan(id) {
      await turn();
      return plans.get(id);
    },
    async saveRebalance(doc) {
      await turn();
      const before = rebalances.get(doc.id)?.body;
      const merged =
        isObject(before) && isObject(doc.body) ? { ...before, ...copy(doc.body) } : doc.body;
      rebalances.put(doc.id, { ...doc, body: merged });
      rebalances.trim(doc.service, at, rebalancesMax);
    },
    async rebalances(service, limit) {
      await turn();
      return rebalances.of(service, at).slice(0, limit);
    },
    async recordDecision(doc) {
      await turn();
      decisions.put(`${doc.service}@${doc.atMs}@${doc.inputHash}`, doc);
      decisions.trim(doc.service, at, decisionsMax);
    },
    async decisions(service, sinceMs, limit) {
      await turn();
      return decisions
        .of(service, at)
        .filter(({ atMs }) => atMs >= sinceMs)
        .slice(0, limit);
    },
    async saveReport(report) {
      await turn();
      reports.put(`${report.service}/${report.instance}`, report);
    },
    async reports(service) {
      await turn();
      return reports.of(service, ({ instance }) => instance).reverse();
    },
    async saveWarmed(doc) {
      await turn();
      warmed.put(`${doc.rebalance}/${doc.instance}/${doc.incarnation}`, doc);
      warmed.trim(doc.service, at, warmedMax);
    },
    async warmed(service, rebalance) {
      await turn();
      const found = warmed.of(service, ({ instance }) => instance).reverse();
      return found.filter((doc) => doc.rebalance === rebalance);
    },
    async saveLoad(doc) {
      await turn();
      loads.put(`${doc.service}@${doc.stepMs}@${doc.dayMs}`, doc);
      loads.trim(doc.service, ({ dayMs }) => dayMs, loadDaysMax);
    },
    async loads(service, stepMs, sinceMs) {
      await turn();
      const found = loads.of(service, ({ dayMs }) => dayMs).reverse();
      return found.filter((doc) => doc.stepMs === stepMs && doc.dayMs >= sinceMs);
    },
    async saveCheckpoint(doc) {
      await turn();
      checkpoints.put(`${doc.service}@${doc.offset}`, doc);
      checkpoints.trim(doc.service, ({ offset }) => offset, checkpointsMax);
    },
    async latestCheckpoint(service) {
      await turn();
      return checkpoints.of(service, ({ offset }) => offset)[0] ?? null;
    },
    async services() {
      await turn();
      return [...new Set([...distributions.services(), ...policies.services()])].sort();
    },
    async close() {
      closed = true;
    },
    backup() {
      const restores = all.map((collection) => collection.backup());
      return () => restores.forEach((restore) => restore());
    },
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

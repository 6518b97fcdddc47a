// ConfigDb on MongoDB (client library: mongodb). Every write is one atomic operation on one
// document; the next revision or epoch is one insert of `_id: "<service>@<number>"`. Never uses
// transactions, TTL or partial indexes, change streams, or deletes to undo something.

import { setTimeout as sleep } from 'node:timers/promises';
import { MongoServerError, type Collection } from 'mongodb';
import type { Secret } from '../connections/secret.js';
import { AssertionError, UnreachableError } from '../errors.js';
import { aPort, aText, checkGiven, either, optional } from '../given.js';
import {
  checkpointsMax,
  decisionsMax,
  epochAttemptsMax,
  loadDaysMax,
  plansMax,
  rebalancesMax,
  trimEvery,
  warmedMax,
} from '../limits.js';
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
} from '../ports.js';
import { createConnection } from './mongo/connection.js';
import { createIndexes } from './mongo/indexes.js';
import { fromStored, numbered, toStored, type Stored } from './mongo/documents.js';

export interface MongoOptions {
  /** `mongodb://…`, or where it is read again; its password is never printed. */
  readonly uri: string | Secret;
  /** Certificates of the only authorities that are trusted; TLS is on when it is set. */
  readonly caFile?: string | undefined;
  readonly database?: string;
  /** Return at once; operations throw UnreachableError while MongoDB is away. For whom safety does not rest on it. */
  readonly lazy?: boolean;
}

interface EpochDoc {
  readonly service: string;
  readonly epoch: number;
  readonly by: string;
  readonly atMs: number;
}
type Named<T extends { readonly id: string; readonly atMs: number }> = Stored<
  Omit<T, 'id'> & { atMs: number }
>;

const duplicateKey = 11_000;
const conflictReadAttempts = 20;
const conflictReadPauseMs = 50;

/**
 * Throws BadInputError for a URI that is none and, unless lazy, UnreachableError within some 10 s
 * when no MongoDB answers there; both name MONGODB_URI.
 */
export async function connectMongo(options: MongoOptions): Promise<ConfigDb> {
  const uris = either(aText, aPort('read'));
  checkGiven('connectMongo', options, { uri: uris, database: optional(aText) });
  const { uri, caFile, database: name = 'evenkeel' } = options;
  const secret: Secret = typeof uri === 'string' ? { from: 'MONGODB_URI', read: () => uri } : uri;
  const connection = createConnection({ uri: secret, caFile }, name, createIndexes);
  let writes = 0;

  /** One operation on one collection. */
  function on<D extends { _id: string }, R>(
    name: string,
    operation: (collection: Collection<D>) => Promise<R>,
  ) {
    return connection.run(name, (db, concern) => operation(db.collection<D>(name, concern)));
  }

  /** Compare-and-set: the number is the key. */
  async function insert<T extends { readonly atMs: number }>(
    name: string,
    _id: string,
    doc: T,
  ): Promise<InsertResult<T>> {
    return on<Stored<T>, InsertResult<T>>(name, async (collection) => {
      try {
        await collection.insertOne(toStored(_id, doc) as never);
        return { kind: 'committed' };
      } catch (error) {
        if (!(error instanceof MongoServerError) || error.code !== duplicateKey) throw error;
      }
      // The winner may not have reached the majority yet, and reads only show what has.
      for (let attempt = 0; attempt < conflictReadAttempts; attempt += 1) {
        const existing = (await collection.findOne({ _id } as never)) as Stored<T> | null;
        if (existing !== null) return { kind: 'conflict', existing: fromStored<T>(existing) };
        await sleep(conflictReadPauseMs);
      }
      throw new UnreachableError(
        'MongoDB',
        `${name}: ${_id} is taken but no majority shows it yet; try again`,
      );
    });
  }

  async function find<T extends { readonly atMs: number }>(
    name: string,
    filter: Record<string, unknown>,
    sort: Record<string, 1 | -1>,
    limit: number,
  ): Promise<T[]> {
    const found = await on<Stored<T>, unknown[]>(name, (collection) =>
      collection
        .find(filter as never)
        .sort(sort)
        .limit(limit)
        .toArray(),
    );
    return found.map((stored) => fromStored<T>(stored as Stored<T>));
  }

  async function newest<T extends { readonly atMs: number }>(
    name: string,
    filter: Record<string, unknown>,
    by: string,
  ): Promise<T | null> {
    return (await find<T>(name, filter, { [by]: -1 }, 1))[0] ?? null;
  }

  /** Upserts by key. Two first writers may collide; the second then finds the document. */
  async function put(name: string, _id: string, update: Record<string, unknown>): Promise<void> {
    await on(name, async (collection) => {
      const write = () => collection.updateOne({ _id }, { $set: update }, { upsert: true });
      await write().catch((error: unknown) => {
        if (error instanceof MongoServerError && error.code === duplicateKey) return write();
        throw error;
      });
    });
  }

  /** Replaces by key: fields that are no longer there go. */
  async function replace<T extends { readonly atMs: number }>(
    name: string,
    _id: string,
    doc: T,
  ): Promise<void> {
    await on(name, async (collection) => {
      const { _id: _, ...fields } = toStored(_id, doc);
      const write = () => collection.replaceOne({ _id }, fields, { upsert: true });
      await write().catch((error: unknown) => {
        if (error instanceof MongoServerError && error.code === duplicateKey) return write();
        throw error;
      });
    });
  }

  /** Now and then removes what lies beyond the newest `keep` of a service. */
  async function trim(name: string, service: string, by: string, keep: number): Promise<void> {
    writes += 1;
    if (writes % Math.min(trimEvery, keep) !== 0) return;
    await on(name, async (collection) => {
      const [last] = await collection
        .find({ service } as never)
        .sort({ [by]: -1 })
        .skip(keep)
        .limit(1)
        .toArray();
      if (last === undefined) return;
      const bound = (last as Record<string, unknown>)[by];
      await collection.deleteMany({ service, [by]: { $lte: bound } });
    });
  }

  async function latestEpoch(service: string): Promise<number> {
    return (await newest<EpochDoc>('epochs', { service }, 'epoch'))?.epoch ?? 0;
  }

  const db: ConfigDb = {
    insertDistribution: (doc) => insert('distributions', numbered(doc.service, doc.revision), doc),
    latestDistribution: (service) =>
      newest<DistributionDoc>('distributions', { service }, 'revision'),
    distribution: (service, revision) =>
      newest<DistributionDoc>('distributions', { _id: numbered(service, revision) }, 'revision'),

    async takeEpoch(service, by, atMs, above = 0) {
      let epoch = Math.max(await latestEpoch(service), above);
      for (let attempt = 0; attempt < epochAttemptsMax; attempt += 1) {
        epoch += 1;
        const doc: EpochDoc = { service, epoch, by, atMs };
        if ((await insert('epochs', numbered(service, epoch), doc)).kind === 'committed')
          return epoch;
      }
      throw new UnreachableError(
        'MongoDB',
        `${epochAttemptsMax} others took an epoch of ${service} first; look who else runs rebalances of it`,
      );
    },
    latestEpoch,

    insertPolicy: (doc) => insert('policies', numbered(doc.service, doc.revision), doc),
    latestPolicy: (service) => newest<PolicyDoc>('policies', { service }, 'revision'),

    async savePlan({ id, ...doc }) {
      await replace('plans', id, doc);
      await trim('plans', doc.service, 'at', plansMax);
    },
    async plan(id) {
      const found = await on<Named<PlanDoc>, Named<PlanDoc> | null>('plans', (collection) =>
        collection.findOne({ _id: id }),
      );
      return found === null ? null : { id, ...fromStored<Omit<PlanDoc, 'id'>>(found) };
    },
    async saveRebalance({ id, service, runId, body, atMs }) {
      await put('rebalances', id, { service, runId, at: atMs, ...bodyFields(body) });
      await trim('rebalances', service, 'at', rebalancesMax);
    },
    async rebalances(service, limit) {
      const found = await on<Named<RebalanceDoc>, unknown[]>('rebalances', (collection) =>
        collection.find({ service }).sort({ at: -1, _id: -1 }).limit(limit).toArray(),
      );
      return found.map((stored) => {
        const named = stored as Named<RebalanceDoc>;
        return { id: named._id, ...fromStored<Omit<RebalanceDoc, 'id'>>(named) };
      });
    },
    async recordDecision(doc) {
      // An activity that is tried again records the same evaluation once.
      await replace('decisions', `${doc.service}@${doc.atMs}@${doc.inputHash}`, doc);
      await trim('decisions', doc.service, 'at', decisionsMax);
    },
    decisions: (service, sinceMs, limit) =>
      find<DecisionDoc>(
        'decisions',
        { service, at: { $gte: sinceMs } },
        { at: -1, _id: -1 },
        limit,
      ),

    saveReport: (report) => replace('instances', `${report.service}/${report.instance}`, report),
    reports: (service) => find<InstanceReport>('instances', { service }, { instance: 1 }, 0),
    async saveWarmed(doc) {
      await replace('warmed', `${doc.rebalance}/${doc.instance}/${doc.incarnation}`, doc);
      await trim('warmed', doc.service, 'at', warmedMax);
    },
    warmed: (service, rebalance) =>
      find<WarmedDoc>('warmed', { service, rebalance }, { instance: 1 }, 0),

    async saveLoad(doc) {
      await replace('load', `${numbered(doc.service, doc.dayMs)}@${doc.stepMs}`, doc);
      await trim('load', doc.service, 'dayMs', loadDaysMax);
    },
    loads: (service, stepMs, sinceMs) =>
      find<LoadDoc>('load', { service, stepMs, dayMs: { $gte: sinceMs } }, { dayMs: 1 }, 0),

    async saveCheckpoint(doc) {
      await replace('checkpoints', numbered(doc.service, doc.offset), doc);
      await trim('checkpoints', doc.service, 'offset', checkpointsMax);
    },
    latestCheckpoint: (service) => newest<CheckpointDoc>('checkpoints', { service }, 'offset'),

    async services() {
      const names = await Promise.all(
        ['distributions', 'policies'].map((name) =>
          on<{ _id: string; service: string }, string[]>(name, (collection) =>
            collection.distinct('service'),
          ),
        ),
      );
      return [...new Set(names.flat())].sort();
    },
    close: () => connection.close(),
  };

  if (options.lazy !== true) {
    try {
      await connection.run('connecting', async (database) => database.command({ ping: 1 }));
    } catch (error) {
      const problem = error instanceof UnreachableError ? await connection.tlsProblem() : undefined;
      await connection.close();
      if (problem === undefined) throw error;
      throw new UnreachableError('MongoDB', `MONGODB_URI: ${problem.found}`, error, problem.mend);
    }
  }
  return db;
}

/** A body that is an object is merged by its fields, so that steps may write only what they know. */
function bodyFields(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { body };
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(body)) {
    if (key.includes('.') || key.startsWith('$'))
      throw new AssertionError(`field name ${key} of a rebalance`);
    fields[`body.${key}`] = value;
  }
  return fields;
}

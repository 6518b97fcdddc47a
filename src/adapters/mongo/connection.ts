// The connection to MongoDB: guarantees of reads and writes, bounds of time, and errors as one
// sentence that never shows a password. Knows no collection.

import { MongoClient, MongoError, type CollectionOptions, type Db } from 'mongodb';
import type { Problem } from '../../connections/look-at-tls.js';
import type { MongoAccess } from '../../connections/mongo.js';
import { withoutLogins } from '../../core/logins.js';
import { BadInputError, UnreachableError } from '../../errors.js';
import { connectTimeoutMs, mongoOperationMs, mongoPoolMax, mongoSelectMs } from '../../limits.js';
import { tlsProblemOf } from './tls-problem.js';

export interface MongoConnection {
  /** Runs an operation; what says that MongoDB is away or ill becomes an UnreachableError. */
  run<T>(what: string, operation: (db: Db, concern: CollectionOptions) => Promise<T>): Promise<T>;
  /** After a failure: what TLS has to do with it. */
  tlsProblem(): Promise<Problem | undefined>;
  close(): Promise<void>;
}

/** Acknowledged by a majority, on disk, and only what a majority has is read. */
const strict: CollectionOptions = {
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: mongoOperationMs },
  readConcern: { level: 'majority' },
};
/** One server alone: its own journal is the majority. Some implementations refuse the words above. */
const alone: CollectionOptions = { writeConcern: { w: 1, journal: true } };
const aloneUnjournalled: CollectionOptions = { writeConcern: { w: 1 } };

/**
 * Nothing is connected before the first operation. Throws BadInputError for a URI that is none. The URI is
 * read again whenever a client is made, and a client is made anew when the server refuses the login.
 */
export function createConnection(
  access: MongoAccess,
  database: string,
  prepare: (db: Db, concern: CollectionOptions) => Promise<void>,
): MongoConnection {
  let uri = '';
  const open = (): MongoClient => {
    uri = access.uri.read();
    return new MongoClient(uri, {
      ...(access.caFile === undefined ? {} : { tls: true, tlsCAFile: access.caFile }),
      appName: 'evenkeel',
      connectTimeoutMS: connectTimeoutMs,
      serverSelectionTimeoutMS: mongoSelectMs,
      socketTimeoutMS: mongoOperationMs,
      maxPoolSize: mongoPoolMax,
      ignoreUndefined: true,
    });
  };
  let client: MongoClient;
  try {
    client = open();
  } catch (error) {
    if (error instanceof BadInputError) throw error; // a file that cannot be read
    // Without the cause: its text may quote the URI.
    throw new BadInputError(
      `MONGODB_URI is not a MongoDB address (${withoutLogins(messageOf(error))})`,
      {
        field: 'MONGODB_URI',
        found: withoutLogins(uri),
        allowed: 'mongodb://host:port/ or mongodb+srv://host/',
      },
    );
  }
  const where = client.options.srvHost ?? client.options.hosts.map(String).join(',');
  let ready: Promise<{ readonly db: Db; readonly concern: CollectionOptions }> | undefined;
  let closed = false;

  async function getReady() {
    const db = client.db(database);
    try {
      const concern = await strongestConcern(db);
      await prepare(db, concern);
      return { db, concern };
    } catch (error) {
      ready = undefined;
      // A client whose first connection fails closes its topology, and never opens another.
      if (!closed) reopen();
      throw error;
    }
  }

  function reopen(): void {
    const next = open();
    void client.close().catch(() => undefined);
    client = next;
    ready = undefined;
  }

  /** The password has been changed on the server, and here since. */
  function isRotated(error: unknown): boolean {
    return !closed && isLoginRefused(error) && access.uri.read() !== uri;
  }

  return {
    async run(what, operation) {
      const attempt = async () => {
        const { db, concern } = await (ready ??= getReady());
        return operation(db, concern);
      };
      try {
        return await attempt().catch((error: unknown) => {
          if (!isRotated(error)) throw error;
          reopen();
          return attempt();
        });
      } catch (error) {
        throw asUnreachable(error, where, what);
      }
    },
    tlsProblem: () => tlsProblemOf(client),
    close: () => {
      closed = true;
      return client.close();
    },
  };
}

/**
 * A replica set or sharded cluster always gets majority and journal. A server that runs alone (in
 * development, and servers that only speak MongoDB's protocol) is asked once what it understands.
 */
async function strongestConcern(db: Db): Promise<CollectionOptions> {
  // Servers that only speak the protocol may not know `hello`; they run alone.
  const hello = await db
    .admin()
    .command({ hello: 1 })
    .catch((error: unknown): Record<string, unknown> => {
      if (isRefusal(error)) return {};
      throw error;
    });
  if (typeof hello['setName'] === 'string' || hello['msg'] === 'isdbgrid') return strict;
  for (const concern of [strict, alone]) {
    const probe = db.collection<{ _id: string }>('probes', concern);
    try {
      await probe.updateOne({ _id: 'concern' }, { $set: { at: 0 } }, { upsert: true });
      await probe.findOne({ _id: 'concern' });
      return concern;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return aloneUnjournalled;
}

/** The server understood and said no. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof MongoError &&
    ['MongoServerError', 'MongoWriteConcernError'].includes(error.name)
  );
}

const commandNotFound = 59;
const awayErrors = new Set([
  'MongoServerSelectionError',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoOperationTimeoutError',
  'MongoTopologyClosedError',
  'MongoPoolClearedError',
  'MongoParseError',
  'MongoWriteConcernError',
  'MongoWaitQueueTimeoutError',
]);

/** What says that MongoDB is away, ill or refuses the login, as one sentence; else the error itself. */
export function asUnreachable(error: unknown, where: string, what: string): unknown {
  if (!(error instanceof MongoError)) return error;
  const text = withoutLogins(error.message);
  if (isLoginUnknown(error)) {
    return new UnreachableError(
      'MongoDB',
      `MONGODB_URI: the server at ${where} takes no user and password; leave them out of the variable, or name a server that knows them`,
      error,
    );
  }
  if (isLoginRefused(error)) {
    return new UnreachableError(
      'MongoDB',
      `MongoDB at ${where} refuses ${what} (${text})`,
      error,
      'check user and password in MONGODB_URI',
    );
  }
  const away = awayErrors.has(error.name) || error.hasErrorLabel('RetryableWriteError');
  if (!away) return error;
  return new UnreachableError(
    'MongoDB',
    `MONGODB_URI: MongoDB at ${where} did not answer (${what}: ${text}); start MongoDB there or correct the variable`,
    error,
  );
}

function isLoginRefused(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false;
  return /auth/i.test(error.message) && (error.code === 18 || error.code === 13);
}

/** Servers that only speak the protocol may know no login at all. */
function isLoginUnknown(error: MongoError): boolean {
  return error.code === commandNotFound && /\bsasl(Start|Continue)\b/.test(error.message);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

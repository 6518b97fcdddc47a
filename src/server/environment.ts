// The environment of the two servers, checked at the door: one clear sentence that names the variable,
// or typed settings. Never opens a connection, never shows a secret.

import { readFileSync } from 'node:fs';
import type { JWK } from 'jose';
import { z } from 'zod';
import { readKafkaSecurity, type KafkaSecurity } from '../connections/kafka.js';
import { readMongoAccess, type MongoAccess } from '../connections/mongo.js';
import { refused, type Environment } from '../connections/variables.js';
import { ordinalOf } from '../core/records.js';
import { BadInputError } from '../errors.js';
import { readKeySet, type KeySet } from './key-set.js';
import { readOrigins } from './origins.js';

/** Largest P that is supported. */
export const partitionsMax = 20_000;

const port = z.coerce.number().int().min(0).max(65_535);
const brokers = z
  .string()
  .min(1)
  .transform((text) =>
    text
      .split(',')
      .map((broker) => broker.trim())
      .filter((broker) => broker !== ''),
  );
const common = {
  EVENKEEL_SERVICE: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
  EVENKEEL_PARTITIONS: z.coerce.number().int().min(1).max(partitionsMax),
  EVENKEEL_PORT: port,
  EVENKEEL_PROBE_PORT: port,
  EVENKEEL_HOST: z.string().min(1).optional(),
  KAFKA_BROKERS: brokers,
  MONGODB_DATABASE: z.string().min(1).optional(),
};
/** Identities of processes, as the platform gives them. */
const uid = /^[A-Za-z0-9-]{1,64}$/;
const endedUidsMax = 16;
const instanceSchema = z.object({
  ...common,
  EVENKEEL_UID: z.string().regex(uid).optional(),
  EVENKEEL_POD_UID: z.uuid().optional(),
  EVENKEEL_TERMINATION_LOG: z.string().min(1).default('/dev/termination-log'),
  EVENKEEL_ENDED_UIDS: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.string().regex(uid)).max(endedUidsMax))
    .optional(),
  EVENKEEL_INSTANCE: z.string().regex(/-\d{1,6}$/),
  EVENKEEL_URL: z.string().regex(/^wss?:\/\//),
  EVENKEEL_JWKS: z.string().min(1),
  EVENKEEL_ORIGINS: z.string().default('*'),
});
const directorySchema = z.object({
  ...common,
  EVENKEEL_DIRECTORY_KEY: z.string().min(16).max(512),
  EVENKEEL_SIGNING_JWK: z.string().min(1),
});

/** What each variable must look like, for people. */
const allowed: Readonly<Record<string, string>> = {
  EVENKEEL_SERVICE: 'lower case letters, digits and dashes, starting with a letter',
  EVENKEEL_INSTANCE: 'the service and an ordinal, as messaging-2',
  EVENKEEL_UID: 'the identity of this process: up to 64 letters, digits and dashes',
  EVENKEEL_POD_UID: 'the UID of the pod, by the downward API (fieldPath: metadata.uid)',
  EVENKEEL_TERMINATION_LOG: "the container's terminationMessagePath",
  EVENKEEL_ENDED_UIDS: `up to ${endedUidsMax} identities of earlier processes, with commas between`,
  EVENKEEL_PARTITIONS: `a whole number from 1 to ${partitionsMax}`,
  EVENKEEL_PORT: 'a port number, 0 for a free one',
  EVENKEEL_PROBE_PORT: 'a port number, 0 for a free one',
  EVENKEEL_HOST: 'an address to listen on, or nothing for all',
  EVENKEEL_URL: 'the address where clients reach this instance, as ws://host:port',
  EVENKEEL_JWKS: 'the public keys of the directory: JSON, or the path of a file with it',
  EVENKEEL_ORIGINS: 'origins of web pages that may connect, with commas, or * for any (default)',
  EVENKEEL_SIGNING_JWK:
    'the private Ed25519 key of the directory, a JWK: JSON, or the path of a file with it',
  EVENKEEL_DIRECTORY_KEY: '16 to 512 characters that callers send as `Authorization: Bearer`',
  KAFKA_BROKERS: 'host:port,host:port',
  MONGODB_DATABASE: 'the name of a database, evenkeel by default',
};
/** Never quoted in an error. */
const secrets = new Set(['EVENKEEL_SIGNING_JWK', 'EVENKEEL_DIRECTORY_KEY']);

export type { Environment } from '../connections/variables.js';

interface CommonSettings {
  readonly service: string;
  readonly partitions: number;
  readonly port: number;
  readonly probePort: number;
  readonly host: string | undefined;
  readonly brokers: readonly string[];
  readonly kafkaSecurity: KafkaSecurity;
  readonly mongo: MongoAccess;
  readonly mongoDatabase: string | undefined;
}
export interface InstanceSettings extends CommonSettings {
  readonly name: string;
  readonly ordinal: number;
  readonly url: string;
  /** Identity that the platform gave this process, and earlier ones of this ordinal that have ended. */
  readonly uid: string | undefined;
  readonly endedUids: readonly string[];
  /** In Kubernetes, instead of both: identities are made from the pod's. */
  readonly pod: { readonly uid: string; readonly terminationLog: string } | undefined;
  readonly jwks: KeySet;
  /** JSON with the keys, or the path of a file that is read again now and then. */
  readonly jwksSource: string;
  /** Undefined: any. */
  readonly origins: readonly string[] | undefined;
}
export interface DirectorySettings extends CommonSettings {
  readonly key: string;
  readonly signingJwk: JWK;
}

/** Throws BadInputError. */
export function readInstanceSettings(env: Environment): InstanceSettings {
  const found = parse(instanceSchema, env);
  const name = found.EVENKEEL_INSTANCE;
  const ordinal = ordinalOf(name);
  if (ordinal === null || name !== `${found.EVENKEEL_SERVICE}-${ordinal}`) {
    throw wrong('EVENKEEL_INSTANCE', name);
  }
  return {
    ...commonOf(found, env),
    name,
    ordinal,
    url: found.EVENKEEL_URL,
    uid: found.EVENKEEL_UID,
    endedUids: found.EVENKEEL_ENDED_UIDS ?? [],
    pod:
      found.EVENKEEL_POD_UID === undefined
        ? undefined
        : { uid: found.EVENKEEL_POD_UID, terminationLog: found.EVENKEEL_TERMINATION_LOG },
    jwks: readKeySet(found.EVENKEEL_JWKS),
    jwksSource: found.EVENKEEL_JWKS,
    origins: readOrigins(found.EVENKEEL_ORIGINS),
  };
}

/** Throws BadInputError. */
export function readDirectorySettings(env: Environment): DirectorySettings {
  const found = parse(directorySchema, env);
  const jwk = readJson('EVENKEEL_SIGNING_JWK', found.EVENKEEL_SIGNING_JWK);
  const key = z.looseObject({ kty: z.literal('OKP'), d: z.string(), x: z.string() }).safeParse(jwk);
  if (!key.success) throw wrong('EVENKEEL_SIGNING_JWK', undefined);
  return { ...commonOf(found, env), key: found.EVENKEEL_DIRECTORY_KEY, signingJwk: key.data };
}

function commonOf(found: z.output<z.ZodObject<typeof common>>, env: Environment): CommonSettings {
  const mongo = readMongoAccess(env);
  if (mongo === undefined) {
    throw refused('MONGODB_URI', 'is not set, nor is MONGODB_URI_FILE');
  }
  return {
    service: found.EVENKEEL_SERVICE,
    partitions: found.EVENKEEL_PARTITIONS,
    port: found.EVENKEEL_PORT,
    probePort: found.EVENKEEL_PROBE_PORT,
    host: found.EVENKEEL_HOST,
    brokers: found.KAFKA_BROKERS,
    kafkaSecurity: readKafkaSecurity(env, found.KAFKA_BROKERS),
    mongo,
    mongoDatabase: found.MONGODB_DATABASE,
  };
}

function parse<T extends z.ZodType>(schema: T, env: Environment): z.output<T> {
  // An empty variable is an absent one: `coerce` would read it as 0.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const field = String(result.error.issues[0]?.path[0] ?? '');
  throw wrong(field, given[field]);
}

/** JSON itself, or a file with it. */
function readJson(field: string, text: string): unknown {
  let json = text;
  if (!text.trimStart().startsWith('{')) {
    try {
      json = readFileSync(text, 'utf8');
    } catch {
      throw wrong(field, 'a file that cannot be read');
    }
  }
  try {
    return JSON.parse(json);
  } catch {
    throw wrong(field, 'no JSON');
  }
}

function wrong(field: string, found: string | undefined): BadInputError {
  const what =
    found === undefined ? 'not set' : secrets.has(field) ? 'not usable' : `"${found.slice(0, 80)}"`;
  return new BadInputError(`${field} is ${what}; it must be ${allowed[field] ?? 'set'}`, {
    field,
    ...(found === undefined || secrets.has(field) ? {} : { found }),
    ...(allowed[field] === undefined ? {} : { allowed: allowed[field] }),
  });
}

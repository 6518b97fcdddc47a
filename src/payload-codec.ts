// Owns: encryption of what Temporal keeps (AES-256-GCM), for those whose Temporal is not theirs. Ids,
// types, search attributes and times stay readable; arguments, results, summaries, details and what
// failures say do not.
// Keys come from EVENKEEL_PAYLOAD_KEYS and are never printed.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { BadInputError } from './errors.js';

export const payloadKeysVariable = 'EVENKEEL_PAYLOAD_KEYS';

const encoding = 'binary/encrypted';
const keyField = 'evenkeel-key';
const keyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;
const keysMax = 8;
const shownIdMaxChars = 32;
const keyIdPattern = /^[A-Za-z0-9_-]{1,32}$/;

/** Messages of failures are payloads, too: people's names and reasons are in them. */
const failureConverterPath = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? './encoded-failures.ts' : './encoded-failures.js',
    import.meta.url,
  ),
);

/** Key id → 32 bytes; the first one encrypts, all of them decrypt. */
export type PayloadKeys = ReadonlyMap<string, Buffer>;

/** What clients and workers are given; undefined without keys: nothing is encrypted. */
export function dataConverterOf(variable: string | undefined): DataConverter | undefined {
  if (variable === undefined || variable === '') return undefined;
  return { payloadCodecs: [payloadCodec(parsePayloadKeys(variable))], failureConverterPath };
}

/** `new:BASE64,old:BASE64`. @throws BadInputError that says which entry is wrong, never what it is */
export function parsePayloadKeys(variable: string): PayloadKeys {
  const keys = new Map<string, Buffer>();
  for (const [i, entry] of variable.split(',').entries()) {
    const [id = '', text = ''] = entry.trim().split(/:(.*)/s);
    const key = Buffer.from(text, 'base64');
    if (!keyIdPattern.test(id) || key.length !== keyBytes || keys.has(id)) {
      throw new BadInputError(`${payloadKeysVariable}: entry ${i + 1} is no key`, {
        field: payloadKeysVariable,
        found: keys.has(id) ? 'an id that is there twice' : 'not shown, it may be a secret',
        allowed: 'id:BASE64,id:BASE64 of 32 bytes each (openssl rand -base64 32), newest first',
      });
    }
    keys.set(id, key);
  }
  if (keys.size > keysMax) {
    throw new BadInputError(`${payloadKeysVariable} has ${keys.size} keys`, {
      field: payloadKeysVariable,
      found: `${keys.size} keys`,
      allowed: `at most ${keysMax}`,
    });
  }
  return keys;
}

/** What was written without a key, before there was one, is read as it is. */
export function payloadCodec(keys: PayloadKeys): PayloadCodec {
  const [newest] = keys;
  if (newest === undefined) throw new Error('a codec needs a key');
  const [id, key] = newest;
  return {
    encode: async (payloads) => payloads.map((payload) => encrypted(payload, id, key)),
    decode: async (payloads) => payloads.map((payload) => decrypted(payload, keys)),
  };
}

function encrypted(payload: Payload, id: string, key: Buffer): Payload {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(id));
  const data = Buffer.concat([iv, cipher.update(toBytes(payload)), cipher.final()]);
  return {
    metadata: { encoding: Buffer.from(encoding), [keyField]: Buffer.from(id) },
    data: Buffer.concat([data, cipher.getAuthTag()]),
  };
}

/**
 * What cannot be decrypted is handed on with an encoding that nobody knows and that says why: whoever
 * wants its value fails with that sentence, but the other payloads beside it can be read.
 */
function decrypted(payload: Payload, keys: PayloadKeys): Payload {
  const { metadata, data } = payload;
  if (textOf(metadata?.['encoding']) !== encoding) return payload;
  const id = textOf(metadata?.[keyField]);
  const key = keys.get(id);
  if (key === undefined) {
    const shown = id.slice(0, shownIdMaxChars);
    const why = `which ${payloadKeysVariable} does not have; add it behind the newest one`;
    return unreadable(`with key "${shown}", ${why}`);
  }
  try {
    return opened(Buffer.from(data ?? []), id, key);
  } catch {
    return unreadable(`with key "${id}", but it was changed, or that is another key`);
  }
}

function unreadable(why: string): Payload {
  return { metadata: { encoding: Buffer.from(`${encoding} ${why}`) }, data: Buffer.alloc(0) };
}

function opened(bytes: Buffer, id: string, key: Buffer): Payload {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(id));
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  const inner = bytes.subarray(ivBytes, bytes.length - tagBytes);
  return fromBytes(Buffer.concat([decipher.update(inner), decipher.final()]));
}

/** A payload as bytes: its metadata as one line of JSON, then its data as it is. */
function toBytes({ metadata, data }: Payload): Buffer {
  const fields = Object.entries(metadata ?? {}).map(
    ([name, value]) => [name, Buffer.from(value).toString('base64')] as const,
  );
  const head = `${JSON.stringify(Object.fromEntries(fields))}\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(data ?? [])]);
}

function fromBytes(bytes: Buffer): Payload {
  const end = bytes.indexOf('\n');
  const fields = JSON.parse(bytes.subarray(0, end).toString()) as Record<string, string>;
  return {
    metadata: Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
    ),
    data: bytes.subarray(end + 1),
  };
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}

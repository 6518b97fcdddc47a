// The schemas of docs/asyncapi.yaml as judges: what a channel may carry, and what is wrong about what it
// carried. Read anew from the file, so that tests hold programs to the document and not to the code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { root } from './source-tree.js';

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

const document = parse(readFileSync(join(root, 'docs/asyncapi.yaml'), 'utf8')) as Json;

/** Follows every `$ref` of the document; there are no circles in it. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (!isObject(value)) return value;
  const { $ref } = value;
  if (typeof $ref === 'string') {
    const target = $ref
      .split('/')
      .slice(1)
      .reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), document);
    if (target === undefined) throw new Error(`${$ref} is not there`);
    return resolved(target);
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolved(part)]));
}

export const channels = resolved(document['channels']) as Readonly<
  Record<string, { readonly messages: Readonly<Record<string, { readonly payload: Json }>> }>
>;

const judges = new Map(
  Object.entries(channels).map(([channel, { messages }]) => [
    channel,
    Object.entries(messages).map(([name, { payload }]) => ({
      name,
      judge: z.fromJSONSchema(payload as Parameters<typeof z.fromJSONSchema>[0]),
    })),
  ]),
);

/** The messages of a channel that this could be: one, when all is well. */
export function messagesOf(channel: string, value: unknown): readonly string[] {
  const of = judges.get(channel);
  if (of === undefined) throw new Error(`docs/asyncapi.yaml has no channel ${channel}`);
  return of.filter(({ judge }) => judge.safeParse(value).success).map(({ name }) => name);
}

/** Why a value is none of the channel's messages; undefined when it is exactly one. */
export function strangeness(channel: string, value: unknown): string | undefined {
  const names = messagesOf(channel, value);
  if (names.length === 1) return undefined;
  const text = JSON.stringify(value);
  return names.length === 0
    ? `${channel}: is no message of it: ${text}`
    : `${channel}: could be ${names.join(' or ')}: ${text}`;
}

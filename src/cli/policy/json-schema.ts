// Owns: the schema of a policy as JSON Schema, and finding one's way in that. Never validates.

import { z } from 'zod';
import { policySchema } from './schema.js';

/** For editors: `# yaml-language-server: $schema=…`. */
export function policyJsonSchema(): JsonSchema {
  return z.toJSONSchema(policySchema, { io: 'input' }) as JsonSchema;
}

/** The part of JSON Schema that a policy needs. */
export interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly default?: unknown;
}

/** The names of the fields below a path, whether it leads through a list or something nullable. */
export function fieldsAt(path: readonly string[]): readonly string[] {
  let at: JsonSchema | undefined = policyJsonSchema();
  for (const key of path) {
    const [here] = objectsIn(at);
    at = here?.items ?? here?.properties?.[key];
  }
  return objectsIn(at).flatMap(({ properties = {} }) => Object.keys(properties));
}

/** Whatever of a schema has fields or items. */
export function objectsIn(schema: JsonSchema | undefined): readonly JsonSchema[] {
  if (schema === undefined) return [];
  const all = [schema, ...(schema.anyOf ?? [])];
  return all.filter(({ properties, items }) => properties !== undefined || items !== undefined);
}

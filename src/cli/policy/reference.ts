// Owns: the table of a policy's fields, from the schema and the defaults: docs/policy-reference.md
// contains it, and a test holds the two together. Pure.

import { policyDefaults } from '../../core/scaling/policy.js';
import { objectsIn, policyJsonSchema, type JsonSchema } from './json-schema.js';

/** Defaults that are no number of their own. */
const spoken: Readonly<Record<string, string>> = {
  tolerance: '0; 0.1 by clients',
  'stabilisation.upMs': '4 evaluations',
  'stabilisation.downMs': '20 evaluations',
  cooldownUpMs: '`cooldownMs`',
  cooldownDownMs: '`cooldownMs`',
};

/** Markdown, one row a field. */
export function policyReference(): string {
  const rows = rowsOf(policyJsonSchema(), [], policyDefaults);
  return ['| field | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function rowsOf(schema: JsonSchema, path: readonly string[], defaults: unknown): string[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const at = [...path, key];
    const value = isObject(defaults) ? defaults[key] : undefined;
    const [inner] = objectsIn(field);
    const row = rowOf(at, field, required.has(key), value);
    if (inner?.items !== undefined) {
      const [item] = objectsIn(inner.items);
      const below = item === undefined ? [] : rowsOf(item, [...path, `${key}[]`], undefined);
      return [row, ...below];
    }
    // A word or an object (approval): its description says both.
    if (inner?.properties === undefined || isWord(field)) return [row];
    const below = rowsOf(inner, at, value);
    return field.description === undefined ? below : [row, ...below];
  });
}

function rowOf(
  path: readonly string[],
  { description = '', default: own }: JsonSchema,
  required: boolean,
  value: unknown,
): string {
  const name = path.join('.');
  const fallback = spoken[name] ?? shown(value ?? own);
  return `| \`${name}\` | ${required ? 'required' : fallback} | ${description} |`;
}

const isWord = ({ anyOf = [] }: JsonSchema): boolean =>
  anyOf.some((one) => 'enum' in one && one.properties === undefined);

function shown(value: unknown): string {
  if (typeof value === 'string') return `\`${value}\``;
  if (typeof value === 'number') return value.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
  return 'none';
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// Owns: registering the search attributes of protocol.md with a Temporal namespace. Repeating it
// changes nothing. Never sets one on a workflow.

import type { OperatorService } from '@temporalio/client';
import { allAttributes } from '../workflows/attributes.js';
import { BadInputError } from './errors.js';

const alreadyExists = 6; // gRPC status
/** temporal.api.enums.v1.IndexedValueType */
const indexedTypes = { KEYWORD: 2, INT: 3 } as const;
const typeNames = ['', 'TEXT', 'KEYWORD', 'INT', 'DOUBLE', 'BOOL', 'DATETIME', 'KEYWORD_LIST'];

export interface MistypedAttribute {
  readonly name: string;
  readonly found: string;
  readonly wanted: string;
}

/**
 * Attributes that are registered with another type. The server refuses to set those, for ever: a run
 * would stand where it sets the first. The numbers are those of temporal.api.enums.v1.IndexedValueType.
 */
export function mistypedAttributes(
  registered: Readonly<Record<string, number>>,
): readonly MistypedAttribute[] {
  return allAttributes.flatMap(({ name, type }) => {
    const found = registered[name];
    if (found === undefined || found === indexedTypes[type]) return [];
    return [{ name, found: typeNames[found] ?? `type ${found}`, wanted: type }];
  });
}

/** What a person does about one. */
export function retypingCommands({ name, wanted }: MistypedAttribute): readonly string[] {
  const type = wanted === 'INT' ? 'Int' : 'Keyword';
  return [
    `temporal operator search-attribute remove --name ${name} --yes`,
    `temporal operator search-attribute create --name ${name} --type ${type}`,
  ];
}

/**
 * Adds what is missing; returns the names added. Two callers at once do no harm. Throws
 * BadInputError where one has another type, and what the server says otherwise: it refuses more than three attributes of type Int by default.
 */
export async function registerSearchAttributes(
  operator: Pick<OperatorService, 'listSearchAttributes' | 'addSearchAttributes'>,
  namespace: string,
): Promise<readonly string[]> {
  const { customAttributes } = await operator.listSearchAttributes({ namespace });
  const [mistyped] = mistypedAttributes(customAttributes);
  if (mistyped !== undefined) {
    const { name, found, wanted } = mistyped;
    throw new BadInputError(
      `the search attribute ${name} is registered with another type, and every rebalance would stand for ever: ${retypingCommands(mistyped).join(' && ')}`,
      { field: name, found, allowed: wanted },
    );
  }
  const missing = allAttributes.filter(({ name }) => !(name in customAttributes));
  if (missing.length === 0) return [];
  const searchAttributes = Object.fromEntries(
    missing.map(({ name, type }) => [name, indexedTypes[type]]),
  );
  try {
    await operator.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    if ((error as { code?: unknown }).code !== alreadyExists) throw error;
  }
  return missing.map(({ name }) => name);
}

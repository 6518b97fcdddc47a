// Owns: registering the search attributes of protocol.md with a Temporal namespace. Repeating it
// changes nothing. Never sets one on a workflow.

import type { OperatorService } from '@temporalio/client';
import { allAttributes } from '../workflows/attributes.js';

const alreadyExists = 6; // gRPC status
/** temporal.api.enums.v1.IndexedValueType */
const indexedTypes = { KEYWORD: 2, INT: 3 } as const;

/**
 * Adds what is missing; returns the names added. Two callers at once do no harm. Throws what the
 * server says otherwise: it refuses more than three attributes of type Int by default.
 */
export async function registerSearchAttributes(
  operator: Pick<OperatorService, 'listSearchAttributes' | 'addSearchAttributes'>,
  namespace: string,
): Promise<readonly string[]> {
  const { customAttributes } = await operator.listSearchAttributes({ namespace });
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

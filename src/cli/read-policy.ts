// Owns: from the path of a policy file to a policy. Never writes anything.

import { readFile } from 'node:fs/promises';
import type { Policy } from '../core/scaling/policy.js';
import { BadInputError } from '../errors.js';
import { parsePolicy } from './policy-file.js';

/** @throws BadInputError for a file that cannot be read, and for the first thing wrong in it. */
export async function readPolicy(file: string): Promise<Policy> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new BadInputError(`the policy file ${file} cannot be read`, {
      field: 'file',
      found: file,
      allowed: 'the path of a readable file',
      cause,
    });
  }
  return parsePolicy(text);
}

// What a process of ours leaves in its pod's termination message when it fails.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { BadInputError } from '../../src/errors.js';
import { sayLast } from '../../src/server/process.js';

const directory = mkdtempSync(join(tmpdir(), 'words-'));
const file = join(directory, 'termination-log');
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('the sentence stands behind the name of its life; outside of a pod nothing is written', () => {
  const life = '6f1c6a5e-0a4d-4f6e-9a51-0d9a6a2f1b11-1a2b3c4d\n';
  writeFileSync(file, life);
  const error = new BadInputError('port 8080 is taken by another program\nat somewhere', {});
  sayLast(error, { EVENKEEL_TERMINATION_LOG: file });
  expect(readFileSync(file, 'utf8')).toBe(life);
  const env = { EVENKEEL_TERMINATION_LOG: file, EVENKEEL_POD_UID: 'a pod' };
  sayLast(error, env);
  expect(readFileSync(file, 'utf8')).toBe(`${life}port 8080 is taken by another program\n`);
  // A file that is not there is no second failure.
  sayLast(error, { ...env, EVENKEEL_TERMINATION_LOG: join(directory, 'no', 'such') });
});

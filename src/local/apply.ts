// Owns: putting a policy in force: its next revision in ConfigDB, then the Schedule that follows it.
// Never judges a policy.

import type { Client } from '@temporalio/client';
import type { Policy } from '../core/scaling/policy.js';
import type { ConfigDb } from '../ports.js';
import { ensureSchedule } from '../schedule.js';

/** Somebody else applying at the same time is met this often at most. */
const conflictsMax = 5;

/** Returns the revision of the policy. */
export async function applyPolicy(
  around: {
    readonly configDb: ConfigDb;
    readonly temporal: Client;
    readonly taskQueue: string;
  },
  policy: Policy,
  by: string,
): Promise<number> {
  const { configDb, temporal, taskQueue } = around;
  const { service } = policy;
  for (let attempt = 1; attempt <= conflictsMax; attempt += 1) {
    const revision = ((await configDb.latestPolicy(service))?.revision ?? 0) + 1;
    const doc = { service, revision, policy, by, atMs: Date.now() };
    const { kind } = await configDb.insertPolicy(doc);
    if (kind === 'conflict') continue;
    await ensureSchedule(temporal, policy, taskQueue);
    return revision;
  }
  throw new Error(`the policy of ${service} was changed ${conflictsMax} times meanwhile`);
}

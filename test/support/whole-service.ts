// What has to hold of a whole service after whatever happened to it, by the account of its clients and by
// its logs; and how its processes were fenced.

import { expect } from 'vitest';
import { openLogs } from '../../src/logs/read-logs.js';
import type { Observation } from '../../src/load/swarm.js';
import { checkLogs } from '../../src/local/evidence.js';
import { topicsOf } from '../../src/logs/topics.js';
import type { Bus } from '../../src/ports.js';

/** Every message arrived once and in order, everybody is connected, nobody ever owned what another did. */
export async function expectNothingLost(
  bus: Bus,
  service: string,
  { messages, missing }: Observation,
): Promise<void> {
  expect(missing).toEqual([]);
  expect(messages).toMatchObject({ lost: 0, duplicated: 0, outOfOrder: 0, unanswered: 0 });
  expect(messages.sent).toBeGreaterThan(0);
  const evidence = await checkLogs(bus, service);
  expect(evidence).toMatchObject({ ok: true, overlaps: 0, ownershipGaps: [] });
}

/** How each incarnation in that pod was fenced, by the ownership log. */
export async function fencings(
  bus: Bus,
  service: string,
  podUid: string | undefined,
): Promise<string[]> {
  const { records } = await openLogs(bus, service);
  const found: string[] = [];
  for await (const { topic, value } of records) {
    if (topic !== topicsOf(service).ownership) continue;
    const { type, incarnation = '', how = '' } = value as Partial<Record<string, string>>;
    if (type === 'fenced' && incarnation.startsWith(`${podUid}-`)) found.push(how);
  }
  return [...new Set(found)];
}

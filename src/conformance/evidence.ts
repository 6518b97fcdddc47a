// Hands the logs of a service to the independent check of src/core/evidence, which shares no code with
// what it judges. Reads to the present end; judges nothing itself.

import { checkEvidence } from '../core/evidence/check.js';
import type { EvidenceReport } from '../core/evidence/types.js';
import { openLogs } from '../logs/read-logs.js';
import type { Bus } from '../ports.js';

export async function evidenceOf(
  bus: Bus,
  service: string,
  partitions: number,
): Promise<EvidenceReport> {
  const check = checkEvidence(service, partitions);
  const { records } = await openLogs(bus, service);
  for await (const record of records) check.add(record);
  return check.finish();
}

// Owns: what the independent check says of explored worlds: of the records that a story left in the
// logs, and of every ownership log that was met. Shares nothing with the machines but the records.

import { checkEvidence } from '../../core/evidence/check.js';
import { replayOwnership } from '../../core/evidence/ownership-replay.js';
import { readOwnership } from '../../core/evidence/read-value.js';
import type { EvidenceReport } from '../../core/evidence/types.js';
import type { Line } from './breadth-first.js';
import { service } from './host.js';
import type { World } from './world.js';

/** Gives the records of a story, from the very beginning, to `evenkeel verify`'s check. */
export function evidenceOf(lines: readonly Line[]): EvidenceReport {
  const check = checkEvidence(service);
  for (const topic of ['ownership', 'sessions']) {
    let offset = 0;
    for (const { landed } of lines) {
      if (landed?.topic !== topic) continue;
      const place = { topic: `${service}.${topic}`, partition: 0, offset, timestamp: offset };
      check.add({ ...place, value: landed.value });
      offset += 1;
    }
  }
  return check.finish();
}

export interface Agreement {
  /** Different ownership logs that were met. */
  readonly logs: number;
  /** Records in them that the machine and the independent check judge otherwise. */
  readonly differences: readonly string[];
}

/** Whether the machine of the instances and the independent check judge every log alike. */
export function agreementOf(world: World): Agreement {
  const differences: string[] = [];
  for (let log = 0; log < world.logs.size; log += 1) {
    const machine = world.machines.ownershipLog(world.options.partitions);
    const check = replayOwnership(0);
    world.recordsOf(log).forEach((record, offset) => {
      const { valid } = machine.apply(record, offset);
      const value = readOwnership(record);
      if (value === null || check.apply(offset, value) !== valid)
        differences.push(`log ${log}, offset ${offset}: ${JSON.stringify(record)}`);
    });
  }
  return { logs: world.logs.size, differences };
}

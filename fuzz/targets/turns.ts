// Waiting for what a real instance does in this process, by turns of the event loop, and keeping its
// logs short. Never sleeps by the clock.

import type { MemoryBus } from '../../src/adapters/memory/bus.js';
import { topicsOf } from '../../src/logs/topics.js';
import { ExpectationError } from '../target.js';

const turnsMax = 20_000;
/** Records of a log that stay. */
const keptRecords = 200;

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits for a condition; without a name it is no failure when that does not come true. */
export async function until(what: string, holds: () => boolean, turns = turnsMax): Promise<void> {
  for (let n = 0; n < turns; n += 1) {
    if (holds()) return;
    await turn();
  }
  // The last bit may hang on a timer of the instance.
  for (let n = 0; what !== '' && n < 400; n += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (what !== '') throw new ExpectationError(`not in time: ${what}`);
}

/** Cuts what every reader has long read. */
export async function trimLogs(bus: MemoryBus, service: string): Promise<void> {
  for (const topic of Object.values<string>({ ...topicsOf(service) })) {
    for (const { partition, high } of await bus.bounds(topic)) {
      bus.trim(topic, partition, high - keptRecords);
    }
  }
}

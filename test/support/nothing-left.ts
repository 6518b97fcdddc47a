// What has to hold after the demo has ended, however it did: none of its processes and ports is left.
import { expect } from 'vitest';
import { isPortFree } from '../../stack/ports.js';
import { living } from './demo-process.js';
import { eventually } from './eventually.js';

const goneWithinMs = 30_000;
/** Temporal, Kafka, MongoDB, supervisor, worker, two directories, five instances. */
const processesMin = 12;

/** `output`: what it printed, its addresses among it. */
export async function expectNothingLeft(
  processes: readonly { pid: number }[],
  output: string,
): Promise<void> {
  const found = [...output.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
  const ports = [...new Set(found)];
  expect(processes.length).toBeGreaterThanOrEqual(processesMin);
  expect(ports.length).toBeGreaterThanOrEqual(4);
  await eventually('every process is gone', () => living(processes).length === 0, goneWithinMs);
  for (const port of ports) {
    await eventually(`port ${port} is free`, () => isPortFree(port), goneWithinMs);
  }
}

// Owns: asking a child process how much memory a plan takes. It runs from dist/ only.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Scenario } from './scenarios.js';

const childMs = 120_000;
const child = fileURLToPath(new URL('./memory-child.js', import.meta.url));

export interface Memory {
  /** Allocated by the time of the answer, garbage that was not yet collected included. */
  readonly allocatedMb: number;
  /** Highest resident size during the plan above that before it. */
  readonly peakRssMb: number;
  /** What the answer itself holds. */
  readonly heldMb: number;
}

export async function memoryOf({ name, seed }: Scenario): Promise<Memory> {
  const args = ['--expose-gc', child, name, String(seed)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: childMs });
  const { allocatedMb, peakRssMb, heldMb } = JSON.parse(stdout) as Memory;
  return { allocatedMb, peakRssMb, heldMb };
}

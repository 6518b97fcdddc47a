// Owns: the one real stack under all integration tests, and its addresses in `process.env` and
// `inject('stack')`. What the environment names is used as it is. Never touches another run.
import type { TestProject } from 'vitest/node';
import { startStack } from '../../stack/start.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** TEMPORAL_ADDRESS, KAFKA_BROKERS, MONGODB_URI … of the stack under the tests. */
    stack: Record<string, string>;
  }
}

/** Vitest's global setup: returns the teardown. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stack = await startStack({
    onProgress: (line) => process.stderr.write(`stack: ${line}\n`),
  });
  Object.assign(process.env, stack.env);
  project.provide('stack', { ...stack.env });
  return () => stack.stop();
}

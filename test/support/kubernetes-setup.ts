// Owns: the one real Kubernetes API server under the tests of this project, and its kubeconfig in
// `process.env` and `inject('kubernetes')`. What the environment names is used as it is.
import type { TestProject } from 'vitest/node';
import { findHelm } from '../../stack/kubernetes/programs.js';
import { findPrometheus } from '../../stack/prometheus.js';
import { startStack } from '../../stack/start.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** EVENKEEL_KUBECONFIG: an administrator of the cluster under the tests. */
    kubernetes: Record<string, string>;
  }
}

/** Vitest's global setup: returns the teardown. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const onProgress = (line: string) => process.stderr.write(`stack: ${line}\n`);
  // What is built or fetched once must not eat the time that a test has.
  await findHelm(onProgress);
  await findPrometheus(onProgress);
  const stack = await startStack({ parts: ['kubernetes'], onProgress });
  Object.assign(process.env, stack.env);
  project.provide('kubernetes', { ...stack.env });
  return () => stack.stop();
}

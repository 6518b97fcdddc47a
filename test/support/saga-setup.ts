// Owns: the bundle of the workflows under test, made from their sources once per run while the stack starts;
// its path in `inject('workflowBundle')`. Never uses what was built before.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { setup as startStack } from './stack-setup.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of a file: the workflows of this checkout, bundled. */
    workflowBundle: string;
  }
}

/** Vitest's global setup: the stack, too. Returns the teardown. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'evenkeel-bundle-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  const [stack, bundled] = await Promise.allSettled([startStack(project), bundle(directory)]);
  const stop = async () => {
    await remove();
    if (stack.status === 'fulfilled') await stack.value();
  };
  for (const part of [stack, bundled]) {
    if (part.status === 'fulfilled') continue;
    await stop();
    throw part.reason;
  }
  project.provide('workflowBundle', bundled.status === 'fulfilled' ? bundled.value : '');
  return stop;
}

async function bundle(directory: string): Promise<string> {
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  const logger = new DefaultLogger('ERROR');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger });
  const path = join(directory, 'workflow-bundle.js');
  await writeFile(path, code);
  return path;
}

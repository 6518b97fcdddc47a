// Owns: dist/workflow-bundle.js, the workflows as one file that every worker loads: built once, not
// at each start of a worker; and the same with failures that can be encrypted, for workers that have
// keys. Runs as a process of its own because the bundler writes to standard output as it likes.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const dist = process.argv[2];
await bundle('workflow-bundle.js');
await bundle('workflow-bundle-encoded.js', {
  failureConverterPath: join(dist, 'src', 'encoded-failures.js'),
});

async function bundle(name, options = {}) {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(dist, 'workflows', 'index.js'),
    logger: new DefaultLogger('WARN'),
    ...options,
  });
  const next = join(dist, `${name}.next`);
  writeFileSync(next, code);
  renameSync(next, join(dist, name));
}

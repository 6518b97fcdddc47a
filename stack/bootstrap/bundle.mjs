// Owns: dist/workflow-bundle.js, the workflows as one file that every worker loads: built once, not
// at each start of a worker. Runs as a process of its own because the bundler writes to standard
// output as it likes.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const dist = process.argv[2];
const { code } = await bundleWorkflowCode({
  workflowsPath: join(dist, 'workflows', 'index.js'),
  logger: new DefaultLogger('WARN'),
});
const next = join(dist, 'workflow-bundle.js.next');
writeFileSync(next, code);
renameSync(next, join(dist, 'workflow-bundle.js'));

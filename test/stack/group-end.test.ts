import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { spawnGuarded } from '../../stack/guarded.js';
import { eventually } from '../support/eventually.js';

/** The leader ends at once, its child a moment later: that one may hold a port. */
const script = `
  (trap 'sleep 0.4; echo ended; exit' TERM; echo ready; while :; do sleep 0.05; done) &
  trap 'exit' TERM
  while :; do sleep 0.05; done`;

it('is stopped when its whole group has ended, not only its first process', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-group-'));
  const logFile = join(directory, 'log');
  const said = () => readFileSync(logFile, 'utf8');
  const group = await spawnGuarded('group', 'bash', ['-c', script], { logFile });
  await eventually('the child listens', async () => said().includes('ready') || undefined);
  await group.stop();
  expect(said()).toContain('ended');
  rmSync(directory, { recursive: true });
});

// Where a recorded history is kept, without what only says on which machine it was recorded.
import { writeFileSync } from 'node:fs';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { World } from './saga-world.js';

/** Writes the history of one run as test/replay reads it. */
export async function save(
  world: World,
  name: string,
  workflowId: string,
  runId: string,
): Promise<void> {
  const history = await world.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const path = new URL(`../../replay/histories/${name}.json`, import.meta.url);
  writeFileSync(path, `${JSON.stringify(JSON.parse(historyToJSON(history)), scrub, 2)}\n`);
}

/** What only says on which machine it was recorded. */
function scrub(key: string, value: unknown): unknown {
  if (key === 'identity') return 'recorder';
  if (key === 'name' && typeof value === 'string' && value.includes('@')) return 'sticky';
  return key === 'stackTrace' || key === 'stickyAttributes' ? undefined : value;
}

// Owns: a Temporal server of its own, which says early that a history is long: runs continue as new after
// one or two sagas instead of dozens.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporal } from '../../../stack/parts/temporal.js';
import { startPart } from '../../../stack/running-part.js';

/** Fewer than one saga has. */
const suggestedAfterEvents = 40;

export async function startShortHistoryServer() {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-temporal-'));
  const program = await temporal.find(() => undefined);
  const early = `limit.historyCount.suggestContinueAsNew=${suggestedAfterEvents}`;
  const server = await startPart(
    temporal,
    {
      ...program,
      command: (run) => {
        const { args, ...rest } = program.command(run);
        return { ...rest, args: [...args, '--dynamic-config-value', early] };
      },
    },
    directory,
  );
  return {
    temporalAddress: server.env['TEMPORAL_ADDRESS'] ?? '',
    stop: async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

// Owns: forcing a rebalance by the plain Temporal CLI, as docs/protocol.md says, with nothing of ours.
import type { RebalanceRequest } from '../../activities/types.js';
import { rebalanceIdOf } from '../../src/cli/temporal.js';
import { temporal } from '../../stack/parts/temporal.js';
import { run } from '../../stack/programs.js';

const withinMs = 30_000;

export interface TemporalCommand {
  /** Resolves when the command has ended well; with how long it took. */
  force(
    service: string,
    taskQueue: string,
    request: RebalanceRequest,
  ): Promise<{ readonly tookMs: number }>;
}

/** The CLI on PATH, or that of the stack; it finds the server by its own environment variable. */
export async function temporalCommand(
  address: string,
  say: (line: string) => void,
): Promise<TemporalCommand> {
  const { command: program } = (await temporal.find(say)).command({
    ports: [],
    dataDir: '',
    logFile: '',
  });
  return {
    force: async (service, taskQueue, request) => {
      const startedMs = performance.now();
      const options = [
        ['--workflow-id', rebalanceIdOf(service)],
        ['--type', 'rebalance'],
        ['--task-queue', taskQueue],
        ['--input', JSON.stringify({ service })],
        ['--signal-name', 'requestRebalance'],
        ['--signal-input', JSON.stringify(request)],
      ];
      await run(program, ['workflow', 'signal-with-start', ...options.flat()], {
        env: { TEMPORAL_ADDRESS: address },
        timeoutMs: withinMs,
      });
      return { tookMs: performance.now() - startedMs };
    },
  };
}

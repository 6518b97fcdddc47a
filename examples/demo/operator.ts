// Owns: the operator of the demo, who has nothing of ours but the contract: a rebalance is forced with
// the plain Temporal CLI.

import { temporal as temporalPart } from '../../stack/parts/temporal.js';
import { run } from '../../stack/programs.js';

const commandMs = 30_000;

export interface ForcedRequest {
  readonly service: string;
  readonly taskQueue: string;
  readonly address: string;
  readonly instances: number;
  readonly reason: string;
}

/** Sends `requestRebalance` with `temporal workflow signal-with-start`; returns the command as typed. */
export async function forceRebalance(request: ForcedRequest): Promise<string> {
  const { service, taskQueue, address, instances, reason } = request;
  const program = await temporalPart.find(() => undefined);
  const { command } = program.command({ ports: [], dataDir: '', logFile: '' });
  const signal = {
    requestId: `demo-${Date.now()}`,
    reason,
    source: 'operator',
    by: 'demo',
    instances,
  };
  const args = [
    ['workflow'],
    ['signal-with-start'],
    ['--address', address],
    ['--workflow-id', `rebalance/${service}`],
    ['--type', 'rebalance'],
    ['--task-queue', taskQueue],
    ['--input', JSON.stringify({ service })],
    ['--signal-name', 'requestRebalance'],
    ['--signal-input', JSON.stringify(signal)],
  ];
  await run(command, args.flat(), { timeoutMs: commandMs });
  return ['temporal', ...args.flat().map(quoted)].join(' ');
}

function quoted(argument: string): string {
  return /^[\w./:=-]+$/.test(argument) ? argument : `'${argument}'`;
}

// `evenkeel worker`: runs the Temporal worker until it is told to end. The composition root of the
// control plane: it opens the adapters and hands them to src/worker.ts.

import { once } from 'node:events';
import { Command, Option } from 'commander';
import { metricsFromReports } from '../adapters/report-metrics.js';
import { systemClock } from '../adapters/system-clock.js';
import { BadInputError } from '../errors.js';
import { registerSearchAttributes } from '../search-attributes.js';
import { startWatcher } from '../watcher/watcher.js';
import { startWorker } from '../worker.js';
import { runCommand } from './command.js';
import { allSettings, withSettings } from './context.js';
import { requestRebalance, taskQueueOption } from './temporal.js';

interface WorkerCommandOptions {
  readonly taskQueue: string;
  readonly probePort?: string;
  readonly probeHost: string;
}

export function workerCommand(): Command {
  const command = new Command('worker')
    .description('run the Temporal worker that evaluates and rebalances, until SIGTERM')
    .addOption(taskQueueOption())
    .addOption(
      new Option('--probe-port <port>', 'port of probes and metrics, 0 for a free one').env(
        'EVENKEEL_PROBE_PORT',
      ),
    )
    .addOption(
      new Option('--probe-host <address>', 'address that probes and metrics listen on')
        .env('EVENKEEL_HOST')
        .default('127.0.0.1'),
    );
  withSettings(command, allSettings);
  return command.action(
    runCommand<WorkerCommandOptions>(async ({ options, context, progress }) => {
      const probePort = portOf(options.probePort);
      const temporal = await context.temporal();
      const namespace = temporal.options.namespace;
      const [configDb, bus, platform] = [
        await context.configDb(),
        await context.bus(),
        await context.platform(),
      ];
      await registerSearchAttributes(temporal.connection.operatorService, namespace);
      const dataConverter = context.dataConverter();
      const ended = untilSignal();
      const worker = await startWorker({
        temporalAddress: await context.require('TEMPORAL_ADDRESS'),
        namespace,
        taskQueue: options.taskQueue,
        ...(dataConverter === undefined ? {} : { dataConverter }),
        ...(probePort === undefined ? {} : { probePort, probeHost: options.probeHost }),
        ports: {
          configDb,
          bus,
          platform,
          metrics: metricsFromReports(configDb, systemClock),
          clock: systemClock,
        },
      });
      progress(
        `worker takes tasks of ${options.taskQueue}${worker.probeUrl === undefined ? '' : `, probes at ${worker.probeUrl}`}`,
      );
      const watcher = startWatcher({
        ...{ bus, configDb, clock: systemClock },
        request: async (service, request) => {
          await requestRebalance(temporal, service, request, options.taskQueue);
        },
        log: (event, detail) => progress(`watcher: ${event} ${JSON.stringify(detail)}`),
      });
      // A worker that fails by itself ends the command with its error.
      await Promise.race([ended, worker.run]);
      await watcher.close();
      await worker.shutdown();
      return { json: { stopped: true, taskQueue: options.taskQueue }, text: 'worker stopped' };
    }),
  );
}

async function untilSignal(): Promise<void> {
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new BadInputError(`--probe-port is ${text}`, {
    field: '--probe-port',
    found: text,
    allowed: 'a whole number from 0 to 65535',
  });
}

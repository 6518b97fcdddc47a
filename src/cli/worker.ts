// `evenkeel worker`: runs the Temporal worker until it is told to end. The composition root of the
// control plane: it opens the adapters and hands them to src/worker.ts.

import { Command, Option } from 'commander';
import { connectTraces } from '../adapters/opentelemetry.js';
import { metricsFromReports } from '../adapters/report-metrics.js';
import { systemClock } from '../adapters/system-clock.js';
import { BadInputError } from '../errors.js';
import { tellingOfOthers } from '../adapters/scaled-by-others.js';
import { startControlPlane } from '../control-plane.js';
import type { DeploymentVersion } from '../worker.js';
import { runCommand } from './command.js';
import { allSettings, withSettings } from './context.js';
import { wholeNumber } from './given.js';
import { taskQueueOption } from './temporal.js';
import { untilSignal } from './until-signal.js';
import { createWorkerLog, logFormats, type LogFormat } from './worker-log.js';

interface WorkerCommandOptions {
  readonly taskQueue: string;
  readonly probePort?: string;
  readonly probeHost: string;
  readonly deployment?: string;
  readonly buildId?: string;
  readonly log: LogFormat;
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
    )
    .addOption(
      new Option('--deployment <name>', 'with --build-id: Temporal Worker Versioning').env(
        'EVENKEEL_DEPLOYMENT',
      ),
    )
    .addOption(
      new Option('--build-id <id>', 'the version of this worker within its deployment').env(
        'EVENKEEL_BUILD_ID',
      ),
    );
  command.addOption(
    new Option(
      '--log <format>',
      'what it says while it runs: sentences, or JSON lines with the ids',
    )
      .env('EVENKEEL_LOG')
      .choices(logFormats)
      .default('text'),
  );
  withSettings(command, allSettings);
  return command.action(
    runCommand<WorkerCommandOptions>(async ({ options, context, progress }) => {
      const probePort = portOf(options.probePort);
      const deployment = deploymentOf(options);
      const temporal = await context.temporal();
      const [configDb, bus, platform] = [
        await context.configDb(),
        await context.bus(),
        await context.platform(),
      ];
      const timeSeries = await context.timeSeries();
      const dataConverter = context.dataConverter();
      const traces = await connectTraces(process.env, 'evenkeel-worker');
      const log = createWorkerLog(options.log, progress);
      const say = (area: string) => (event: string, detail: Readonly<Record<string, unknown>>) =>
        log.say(area, event, detail);
      const ended = untilSignal();
      const worker = await startControlPlane({
        temporal,
        temporalAddress: await context.require('TEMPORAL_ADDRESS'),
        security: await context.temporalSecurity(),
        log: (area, event, detail) => log.say(area, event, detail),
        taskQueue: options.taskQueue,
        deployment,
        ...(dataConverter === undefined ? {} : { dataConverter }),
        ...(probePort === undefined ? {} : { probePort, probeHost: options.probeHost }),
        ports: {
          configDb,
          bus,
          platform: tellingOfOthers(platform, say('platform')),
          metrics: metricsFromReports(configDb, systemClock),
          timeSeries,
          clock: systemClock,
          trace: (span) => {
            log.step(span);
            traces?.trace(span);
          },
        },
      });
      progress(
        `worker${deployment === undefined ? '' : ` ${deployment.name}.${deployment.buildId}`} takes tasks of ${options.taskQueue}${worker.probeUrl === undefined ? '' : `, probes at ${worker.probeUrl}`}`,
      );
      // A worker that fails by itself ends the command with its error.
      await Promise.race([ended, worker.run]);
      await worker.shutdown();
      await traces?.close();
      return { json: { stopped: true, taskQueue: options.taskQueue }, text: 'worker stopped' };
    }),
  );
}

/** Both or none: a deployment without a build id would be one version for ever. */
function deploymentOf({
  deployment: name,
  buildId,
}: WorkerCommandOptions): DeploymentVersion | undefined {
  if (name === undefined && buildId === undefined) return undefined;
  if (name !== undefined && buildId !== undefined) return { name, buildId };
  const field = name === undefined ? '--deployment' : '--build-id';
  throw new BadInputError('--deployment and --build-id go together', {
    field,
    found: 'nothing',
    allowed: 'both, or neither (EVENKEEL_DEPLOYMENT, EVENKEEL_BUILD_ID)',
  });
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return wholeNumber('--probe-port', text, { min: 0, max: 65_535 });
}

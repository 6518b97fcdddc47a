// Owns: one running Temporal worker: its connection, the workflow bundle, the activities over the
// ports it was handed, and its probes. Never reads the environment and never opens a port's adapter.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerDeploymentOptions,
} from '@temporalio/worker';
import type { Registry } from 'prom-client';
import { connect, type ActivityPorts } from '../activities/connections.js';
import { createActivities, type Activities } from '../activities/index.js';
import type { TemporalSecurity } from './connections/temporal.js';
import { AssertionError } from './errors.js';
import { readTls } from './connections/tls.js';
import { keysRereadMs } from './limits.js';
import { defaultTaskQueue } from './schedule.js';
import { tlsConfigOf, unreachable } from './temporal-connection.js';
import { startWorkerProbes } from './worker-probes.js';

/** An activity that is told of the shutdown has this long; then the next worker repeats it. */
const shutdownGraceMs = 5_000;
/** Heartbeats go out this often at most, so that an abort is felt within a second. */
const heartbeatEveryMs = 800;

export interface WorkerOptions {
  /** host:port */
  readonly temporalAddress: string;
  readonly namespace?: string;
  /** TLS and API key; neither by default. Their files are read again while the worker runs. */
  readonly security?: TemporalSecurity;
  /** What becomes of rotated files; nothing when absent. */
  readonly log?: (event: string, detail: Readonly<Record<string, unknown>>) => void;
  readonly ports: ActivityPorts;
  readonly taskQueue?: string;
  /** Default: the prebuilt bundle beside the compiled code; without one the workflows are bundled now. */
  readonly workflowBundlePath?: string;
  /** Port of the probes; 0 takes a free one, absent opens none. */
  readonly probePort?: number;
  /** Address that the probes listen on; this machine only when absent. */
  readonly probeHost?: string;
  /** Adds metrics to those of the probes. */
  readonly metrics?: (registry: Registry) => void;
  readonly identity?: string;
  /** Opts into Worker Deployment Versioning (docs/changing-a-workflow.md): takes only its own version's tasks. */
  readonly deployment?: DeploymentVersion | undefined;
  /** Encrypts what Temporal keeps (src/payload-codec.ts). */
  readonly dataConverter?: DataConverter;
  /** Replaces activities; tests put faults here. */
  readonly wrapActivities?: (activities: Activities) => Activities;
}

export interface DeploymentVersion {
  readonly name: string;
  readonly buildId: string;
}

export interface RunningWorker {
  /** Resolves when the worker has stopped; rejects when it failed. */
  readonly run: Promise<void>;
  /** Takes no more tasks, lets activities end, closes the connections; resolves when that is done. */
  shutdown(): Promise<void>;
  /** Over the worker's own connection: goes on where files were rotated. Only while it runs. */
  client(): Client;
  /** `http://127.0.0.1:port` of the probes. */
  readonly probeUrl: string | undefined;
}

/** Throws UnreachableError when Temporal does not answer. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  quietRuntime();
  const { temporalAddress: address, ports, taskQueue = defaultTaskQueue, security = {} } = options;
  const connection = await connectTo(address, security);
  const connections = connect(ports);
  const created = createActivities(ports, connections);
  const worker = await Worker.create({
    connection,
    namespace: options.namespace ?? 'default',
    taskQueue,
    ...(options.identity === undefined ? {} : { identity: options.identity }),
    ...(options.dataConverter === undefined ? {} : { dataConverter: options.dataConverter }),
    ...versioning(options.deployment),
    ...workflows(options.workflowBundlePath, options.dataConverter),
    activities: options.wrapActivities?.(created) ?? created,
    shutdownGraceTime: shutdownGraceMs,
    maxHeartbeatThrottleInterval: heartbeatEveryMs,
  });
  const probes =
    options.probePort === undefined
      ? undefined
      : await startWorkerProbes(
          { port: options.probePort, host: options.probeHost, metrics: options.metrics },
          () => worker.getState(),
        );
  const following = followFiles(worker, address, security, options.log ?? (() => undefined));
  const run = worker.run().finally(async () => {
    await probes?.close();
    await connections.close();
    await following.close();
  });
  run.catch(() => undefined); // Whoever awaits `run` sees it; nobody is made to.
  return {
    run,
    client: () => {
      const { client } = worker;
      if (client === undefined) throw new AssertionError('a worker without a connection');
      return client;
    },
    probeUrl: probes?.url,
    shutdown: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await run;
    },
  };
}

async function connectTo(address: string, security: TemporalSecurity): Promise<NativeConnection> {
  const { apiKey } = security;
  try {
    return await NativeConnection.connect({
      address,
      tls: tlsConfigOf(security),
      ...(apiKey === undefined ? {} : { apiKey: apiKey.read() }),
    });
  } catch (cause) {
    throw await unreachable(address, security, cause);
  }
}

/**
 * A rotated certificate or key makes a new connection that the worker goes on with, a rotated API key
 * is told to the one it has. What cannot be read or does not connect leaves it as it was.
 */
function followFiles(
  worker: Worker,
  address: string,
  security: TemporalSecurity,
  log: NonNullable<WorkerOptions['log']>,
) {
  const stateOf = () => ({
    tls: JSON.stringify(security.tls === undefined ? null : readTls(security.tls)),
    apiKey: security.apiKey?.read(),
  });
  let known = stateOf();
  let looking: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    const connection = worker.connection;
    if (connection === undefined || worker.getState() !== 'RUNNING') return;
    try {
      const now = stateOf();
      if (now.tls !== known.tls) {
        worker.connection = await connectTo(address, security);
        await connection.close();
        log('reconnected', { because: 'the files of TEMPORAL_TLS changed' });
      } else if (now.apiKey !== undefined && now.apiKey !== known.apiKey) {
        await connection.setApiKey(now.apiKey);
        log('api-key-changed', {});
      }
      known = now;
    } catch (error) {
      log('not-reconnected', { error: error instanceof Error ? error.message : String(error) });
    }
  };
  const isSecured = security.tls !== undefined || security.apiKey !== undefined;
  const timer = isSecured ? setInterval(() => void (looking = look()), keysRereadMs) : undefined;
  return {
    close: async () => {
      clearInterval(timer);
      await looking;
      await worker.connection?.close();
    },
  };
}

function versioning(deployment: DeploymentVersion | undefined) {
  if (deployment === undefined) return {};
  const { name: deploymentName, buildId } = deployment;
  const workerDeploymentOptions: WorkerDeploymentOptions = {
    useWorkerVersioning: true,
    version: { deploymentName, buildId },
    // A saga ends on the version that it began on: its steps, undos and activities belong together.
    // Ticks say otherwise (workflows/autoscale.ts).
    defaultVersioningBehavior: 'PINNED',
  };
  return { workerDeploymentOptions };
}

/**
 * Compiled to dist/src/worker.js, the bundle lies in dist/; from sources it is made at the start. What
 * becomes of failures is part of a bundle: there is one for each way.
 */
function workflows(bundlePath: string | undefined, dataConverter: DataConverter | undefined) {
  const encodes = dataConverter?.failureConverterPath !== undefined;
  const name = encodes ? 'workflow-bundle-encoded.js' : 'workflow-bundle.js';
  const prebuilt = bundlePath ?? fileURLToPath(new URL(`../${name}`, import.meta.url));
  if (existsSync(prebuilt)) return { workflowBundle: { codePath: prebuilt } };
  const source = import.meta.url.endsWith('.ts') ? 'index.ts' : 'index.js';
  return { workflowsPath: fileURLToPath(new URL(`../workflows/${source}`, import.meta.url)) };
}

let runtimeIsQuiet = false;

/** The SDK's own log is for its developers; once per process, before the first connection. */
function quietRuntime(): void {
  if (runtimeIsQuiet) return;
  runtimeIsQuiet = true;
  Runtime.install({ logger: new DefaultLogger('ERROR') });
}

// `evenkeel/worker`: the control plane inside a program of yours, on ports of yours. Loads Temporal and the
// Kubernetes client when they are asked for, so that a missing package is one sentence.

import type { ConfigDb } from '../ports.js';
import type { KubernetesOptions, KubernetesPlatform } from '../adapters/kubernetes.js';
import type { ControlPlaneLog, ControlPlaneOptions } from '../control-plane.js';
import { partitionsMax } from '../core/placement/check.js';
import type { Policy } from '../core/scaling/policy.js';
import type { RunningWorker } from '../worker.js';
import { aPort, aText, aWholeNumber, anObject, checkGiven, optional } from '../given.js';
import { withPackages } from './peers.js';

export type { ActivityPorts } from '../../activities/connections.js';
export { connectKafka, type KafkaOptions } from '../adapters/kafka.js';
export type { KubernetesOptions, KubernetesPlatform } from '../adapters/kubernetes.js';
export { connectMongo, type MongoOptions } from '../adapters/mongo.js';
export { connectProcesses, type ProcessesPlatform } from '../adapters/processes.js';
export { prometheusSource } from '../adapters/prometheus.js';
export { metricsFromReports } from '../adapters/report-metrics.js';
export { systemClock } from '../adapters/system-clock.js';
export type { ControlPlaneLog } from '../control-plane.js';
export { parsePolicy } from '../cli/policy-file.js';
export type { Policy } from '../core/scaling/policy.js';
export { BadInputError, UnreachableError } from '../errors.js';
export type { Bus, Clock, ConfigDb, MetricsSource, Platform } from '../ports.js';
export type { TimeSeriesSource } from '../time-series-port.js';
export type { DeploymentVersion, RunningWorker } from '../worker.js';
export { MissingPackageError } from './peers.js';

/** As for `evenkeel worker`; only `temporalAddress` and `ports` must be given. */
export type RunWorkerOptions = Omit<ControlPlaneOptions, 'temporal' | 'log' | 'wrapActivities'> & {
  /** Quiet by default. */
  readonly log?: ControlPlaneLog;
};

/**
 * Starts the control plane: a worker that takes Temporal's tasks, and the watcher that notices who fell
 * silent. Ends with `shutdown`; the ports stay open.
 * @throws MissingPackageError without Temporal's packages, UnreachableError when Temporal does not answer
 */
export async function runWorker(options: RunWorkerOptions): Promise<RunningWorker> {
  checkGiven('runWorker', options, { temporalAddress: aText, ports: anObject });
  checkGiven('ports of runWorker', options.ports, {
    configDb: aPort('latestPolicy', 'services'),
    bus: aPort('appender', 'open'),
    ...{ platform: anObject, metrics: aPort('load'), clock: aPort('monotonicMs', 'wallMs') },
  });
  const { log = () => undefined, ...given } = options;
  const [{ openTemporal }, { startControlPlane }] = await withPackages('evenkeel/worker', () =>
    Promise.all([import('../cli/context.js'), import('../control-plane.js')]),
  );
  const temporal = await openTemporal(...temporalOf(given));
  try {
    const worker = await startControlPlane({ ...given, temporal, log });
    const shutdown = async () => {
      await worker.shutdown();
      await temporal.connection.close();
    };
    return { ...worker, shutdown };
  } catch (error) {
    await temporal.connection.close();
    throw error;
  }
}

type TemporalOptions = Pick<
  RunWorkerOptions,
  'temporalAddress' | 'namespace' | 'security' | 'dataConverter'
>;

const temporalOf = ({
  temporalAddress: address,
  namespace = 'default',
  security = {},
  dataConverter,
}: TemporalOptions) => [{ address, security }, namespace, dataConverter] as const;

/**
 * Puts a policy in force, and the Schedule that follows it; resolves with the policy's revision.
 * @throws MissingPackageError without Temporal's packages, UnreachableError when Temporal does not answer
 */
export async function applyPolicy(
  around: TemporalOptions & {
    readonly configDb: ConfigDb;
    /** Who is named in the records. */
    readonly by: string;
    readonly taskQueue?: string;
  },
  policy: Policy,
): Promise<number> {
  const configDbs = aPort('latestPolicy', 'insertPolicy');
  checkGiven('applyPolicy', around, { temporalAddress: aText, configDb: configDbs, by: aText });
  checkGiven('policy of applyPolicy', policy, {
    ...{ service: aText, partitions: aWholeNumber(1, partitionsMax), instances: anObject },
    clientsPerInstance: anObject,
  });
  const [{ openTemporal }, applying, { registerSearchAttributes }, { defaultTaskQueue }] =
    await withPackages('evenkeel/worker', () =>
      Promise.all([
        import('../cli/context.js'),
        import('../local/apply.js'),
        import('../search-attributes.js'),
        import('../schedule.js'),
      ]),
    );
  const temporal = await openTemporal(...temporalOf(around));
  const { configDb, taskQueue = defaultTaskQueue, by } = around;
  try {
    await registerSearchAttributes(temporal.connection.operatorService, temporal.options.namespace);
    return await applying.applyPolicy({ configDb, temporal, taskQueue }, policy, by);
  } finally {
    await temporal.connection.close();
  }
}

/** The instances as a StatefulSet. @throws MissingPackageError without the Kubernetes client */
export async function connectKubernetes(options: KubernetesOptions): Promise<KubernetesPlatform> {
  checkGiven('connectKubernetes', options, {
    ...{ kubeconfig: optional(aText), context: optional(aText), namespace: optional(aText) },
    ...{ addressTemplate: optional(aText), statefulSets: optional(anObject) },
  });
  const adapter = await withPackages(
    'the Kubernetes platform',
    () => import('../adapters/kubernetes.js'),
  );
  return adapter.connectKubernetes(options);
}

// Owns: what activities share for the life of a worker: the ports, one view of the ownership log per
// service, the writer of control messages, and the way to Temporal. Never does a step.

import { ApplicationFailure } from '@temporalio/activity';
import { completePolicy, type Policy, type StoredPolicy } from '../src/core/scaling/policy.js';
import type { ControlMessage } from '../src/core/records.js';
import { openOwnershipView, type OwnershipView } from '../src/logs/ownership-view.js';
import { topicsOf } from '../src/logs/topics.js';
import type { Appender, Bus, Clock, ConfigDb, MetricsSource, Platform } from '../src/ports.js';
import type { TimeSeriesSource } from '../src/time-series-port.js';
import type { Trace } from '../src/trace-port.js';
import { createForecasts, type Forecasts } from './forecasts.js';
import { temporalOfContext, type TemporalSide } from './temporal-side.js';
import { wholeDistributions } from './whole-distributions.js';

export interface ActivityPorts {
  readonly configDb: ConfigDb;
  readonly bus: Bus;
  readonly platform: Platform;
  readonly metrics: MetricsSource;
  /** Absent where nothing says where Prometheus is. */
  readonly timeSeries?: TimeSeriesSource | undefined;
  readonly clock: Clock;
  /** Takes a span of each step; absent: nothing is traced. */
  readonly trace?: Trace | undefined;
}

export interface Connections extends ActivityPorts {
  /** Follows the log by itself; `caughtUp()` before relying on what it says. */
  readonly ownership: (service: string, partitions: number) => Promise<OwnershipView>;
  readonly publish: (service: string, message: ControlMessage) => Promise<void>;
  /** The writer of fences. */
  readonly fencing: () => Promise<Appender>;
  /** With defaults for what is newer than it. Throws a non-retryable failure when there is none. */
  policy(service: string): Promise<Policy>;
  policyInForce(service: string): Promise<{ readonly policy: Policy; readonly revision: number }>;
  readonly temporal: TemporalSide;
  readonly forecasts: Forecasts;
  close(): Promise<void>;
}

export function connect(
  ports: ActivityPorts,
  temporal: TemporalSide = temporalOfContext,
): Connections {
  const { bus } = ports;
  const configDb = wholeDistributions(ports.configDb);
  const views = new Map<string, Promise<OwnershipView>>();
  const writers = new Map<string, Promise<Appender>>();

  const drop = (key: string): void => {
    const view = views.get(key);
    views.delete(key);
    // A view that never opened has nothing to close.
    void view?.then((opened) => opened.close()).catch(() => undefined);
  };
  const ownership = (service: string, partitions: number): Promise<OwnershipView> => {
    // Of another P it is another view: a policy that was mistaken must not outlive its correction.
    const key = `${service}/${partitions}`;
    const known = views.get(key);
    if (known !== undefined) return known;
    // A trimmed log cannot be judged any more: the next one who asks starts from a checkpoint.
    const onJump = () => drop(key);
    const view = openOwnershipView({ bus, configDb, service, partitions, onJump });
    views.set(key, view);
    view.catch(() => drop(key));
    return view;
  };
  const writer = (name: string): Promise<Appender> => {
    const known = writers.get(name);
    if (known !== undefined) return known;
    const opened = bus.appender(name);
    writers.set(name, opened);
    opened.catch(() => writers.delete(name));
    return opened;
  };

  const policyInForce = async (service: string) => {
    const doc = await configDb.latestPolicy(service);
    if (doc !== null) {
      return { policy: completePolicy(doc.policy as StoredPolicy), revision: doc.revision };
    }
    const text = `no policy for ${service}: write one with evenkeel apply FILE`;
    throw ApplicationFailure.nonRetryable(text, 'NoPolicy');
  };

  return {
    ...ports,
    configDb,
    temporal,
    forecasts: createForecasts(() => ports.clock.monotonicMs()),
    ownership,
    fencing: () => writer('fences'),
    publish: async (service, message) => {
      const value = JSON.stringify(message);
      const control = await writer('control');
      await control.append([{ topic: topicsOf(service).control, partition: 0, value }]);
    },
    policy: async (service) => (await policyInForce(service)).policy,
    policyInForce,
    close: async () => {
      for (const key of [...views.keys()]) drop(key);
      for (const opened of writers.values()) await (await opened).close();
    },
  };
}

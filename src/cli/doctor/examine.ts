// Owns: the order in which doctor looks, and that one thing which does not answer hides no other.
// Never changes anything.

import type { Client } from '@temporalio/client';
import type { KubernetesPlatform } from '../../adapters/kubernetes.js';
import type { Policy } from '../../core/scaling/policy.js';
import { BadInputError, UnreachableError } from '../../errors.js';
import { topicsOf } from '../../logs/topics.js';
import type { Bus, ConfigDb, Platform, TopicSettings } from '../../ports.js';
import { checkConfigDb, readConfigDb, type ConfigDbSeen } from './config-db.js';
import type { TimeSeriesSource } from '../../time-series-port.js';
import { unknown, type Finding } from './finding.js';
import { checkOwnership, listenMs, readOwnership } from './ownership.js';
import { checkKubernetes, foreignFinding } from './kubernetes.js';
import { checkMetrics } from './metrics.js';
import { checkPlatform } from './platform.js';
import { checkTemporal, readTemporal } from './temporal.js';
import { checkSettings, checkTopics, readTopics } from './topics.js';

export interface Patient {
  readonly service: string;
  readonly taskQueue: string;
  readonly temporal: () => Promise<Client>;
  readonly configDb: () => Promise<ConfigDb>;
  readonly bus: () => Promise<Bus>;
  /** How Kafka keeps these topics. */
  readonly topicSettings: (topics: readonly string[]) => Promise<readonly TopicSettings[]>;
  /** Null when nobody said where it is. */
  readonly platform: () => Promise<Platform | null>;
  /** How each backing service is spoken to. */
  readonly connections?: () => Promise<readonly Finding[]>;
  /** Prometheus; undefined when nobody said where it is. */
  readonly timeSeries?: () => Promise<TimeSeriesSource | undefined>;
  /** Null when the platform is not Kubernetes. */
  readonly kubernetes?: () => Promise<KubernetesPlatform | null>;
  readonly nowMs: number;
  /** How long to listen for heartbeats; shorter in tests. */
  readonly listenMs?: number;
}

/** What was found, in the order in which a person would mend it. Never rejects. */
export async function examine(patient: Patient): Promise<readonly Finding[]> {
  const { service, nowMs } = patient;
  let stored: ConfigDbSeen | null = null;
  const findings: Finding[] = [];
  const look = async (check: string, work: () => Promise<readonly Finding[]>) => {
    try {
      findings.push(...(await work()));
    } catch (error) {
      findings.push(notSeen(check, error));
    }
  };
  await look('connections', async () => (await patient.connections?.()) ?? []);
  await look('config-db', async () => {
    stored = await readConfigDb(await patient.configDb(), service);
    return checkConfigDb(stored, nowMs);
  });
  await look('kubernetes', async () => {
    const kubernetes = await patient.kubernetes?.();
    return kubernetes == null ? [] : checkKubernetes(await kubernetes.inspect(service));
  });
  const seen = stored as ConfigDbSeen | null;
  const partitions = seen?.latest?.partitions ?? (seen?.policy as Policy | null)?.partitions;
  await look('metrics', async () =>
    checkMetrics(seen, await patient.configDb(), await patient.timeSeries?.()),
  );
  await look('temporal', async () =>
    checkTemporal(await readTemporal(await patient.temporal(), service, patient.taskQueue), {
      service,
      nowMs,
      everyMs: (seen?.policy as Policy | null)?.scheduleEveryMs ?? null,
    }),
  );
  if (partitions === undefined) {
    const why = 'how many partitions the service has is not known, so its logs were not read';
    const mend =
      seen === null ? 'mend the way to ConfigDB first' : 'write its policy: evenkeel apply FILE';
    findings.push(unknown('kafka', why, mend));
    return findings;
  }
  let holders: ReadonlySet<string> | null = null;
  await look('kafka', async () => {
    const bus = await patient.bus();
    const topics = await readTopics(bus, service, partitions);
    const ofTopics = checkTopics(topics);
    if (ofTopics.some(({ verdict }) => verdict === 'fault')) return ofTopics;
    const owned = await readOwnership(bus, seen, {
      service,
      partitions,
      listenMs: patient.listenMs ?? listenMs,
    });
    holders = new Set(owned.holdings.flatMap(({ holder }) => holder?.instance ?? []));
    return [...ofTopics, ...checkOwnership(owned, seen)];
  });
  await look('topic-settings', async () =>
    checkSettings(await patient.topicSettings(Object.values(topicsOf(service))), service),
  );
  await look('platform', async () => {
    const platform = await patient.platform();
    if (platform === null) {
      return [
        unknown(
          'platform',
          'nobody said which platform runs the instances, so it was not looked at',
          'give --platform kubernetes, or --supervisor-url and --supervisor-token, or ask where the worker runs',
        ),
      ];
    }
    const view = await platform.observe(service);
    return [...checkPlatform(view, seen, holders), ...foreignFinding(view)];
  });
  return findings;
}

function notSeen(check: string, error: unknown): Finding {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UnreachableError && error.mend !== undefined) {
    const found = message.slice(0, -`; ${error.mend}`.length);
    return { check, verdict: 'fault', found, mend: error.mend };
  }
  if (error instanceof BadInputError) {
    const mend = `${error.field ?? 'the setting'}: ${error.allowed ?? 'correct it'}; nothing behind it was looked at`;
    return { check, verdict: 'fault', found: message.split('\n')[0] ?? message, mend };
  }
  const mend =
    error instanceof UnreachableError
      ? 'start it or correct its address; everything behind it was not looked at'
      : 'see the message; EVENKEEL_DEBUG=1 shows where it came from';
  return { check, verdict: 'fault', found: message.split('\n')[0] ?? message, mend };
}

// What the server of an instance counts, as Prometheus metrics. Owns names and labels; never a decision.

import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { gapCauses, type GapCause } from '../core/handover/told-gap.js';
import type { Instance, MoveNotice } from '../instance/api.js';
import { mistakeKinds, type MistakeKind } from '../instance/mistakes.js';
import type { OnSkipped, SkippedRecord } from '../logs/skipped.js';
import { disconnectCloseCodes, errorCloseCodes, type ErrorCode } from './close-codes.js';

export interface ServerStats {
  /** +1 for a welcome, -1 when that client is gone. */
  welcomed(change: 1 | -1): void;
  clients(): number;
  received(): void;
  accepted(): void;
  delivered(): void;
  gap(gapMs: number, cause: GapCause): void;
  disconnected(reason: MoveNotice['reason']): void;
  redirected(): void;
  errors(code: ErrorCode): void;
  /** A record of one of the topics that is none of ours. */
  readonly skipped: OnSkipped;
  /** A socket that was refused before its first frame. */
  turnedAway(why: (typeof refusals)[number]): void;
  /** The service does what it must not. */
  mistake(kind: MistakeKind): void;
  readonly registry: Registry;
}

const refusals = ['origin', 'full', 'not-ready'] as const;
/** Logs that are read here, and why a record of them may be none of ours. */
const logs = [
  'control',
  'ownership',
  'leases',
  'messages',
] as const satisfies readonly SkippedRecord['log'][];
const skipReasons = [
  'not-an-object',
  'unknown-type',
  'malformed',
  'breaks-tiling',
] as const satisfies readonly SkippedRecord['reason'][];

/** Around the objective: P99 1 s, maximum 5 s. */
const gapBucketsMs = [5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 60_000];

export function createStats(labels: {
  readonly service: string;
  readonly instance: string;
}): ServerStats {
  const registry = new Registry();
  registry.setDefaultLabels({ service: labels.service, instance: labels.instance });
  const registers = [registry];
  const clients = new Gauge({
    name: 'evenkeel_connected_clients',
    help: 'Welcomed clients.',
    registers,
  });
  const received = new Counter({
    name: 'evenkeel_messages_received_total',
    help: 'Sends of clients.',
    registers,
  });
  const accepted = new Counter({
    name: 'evenkeel_messages_accepted_total',
    help: 'Sends answered after Kafka acknowledged.',
    registers,
  });
  const delivered = new Counter({
    name: 'evenkeel_messages_delivered_total',
    help: 'Messages written to clients.',
    registers,
  });
  const gaps = new Histogram({
    name: 'evenkeel_client_gap_ms',
    help: "Gaps of moves (cause moved) and of connections lost otherwise (other), on the clients' own clocks, in milliseconds.",
    labelNames: ['cause'] as const,
    buckets: gapBucketsMs,
    registers,
  });
  const disconnects = new Counter({
    name: 'evenkeel_disconnects_total',
    help: 'Clients told to go, by reason.',
    labelNames: ['reason'] as const,
    registers,
  });
  const redirects = new Counter({
    name: 'evenkeel_redirects_total',
    help: 'Clients redirected to the holder of their partition.',
    registers,
  });
  const errors = new Counter({
    name: 'evenkeel_client_errors_total',
    help: 'Clients closed with an error, by its code.',
    labelNames: ['code'] as const,
    registers,
  });
  const skips = countSkipped(registry);
  const turnedAway = new Counter({
    name: 'evenkeel_sockets_turned_away_total',
    help: 'Sockets refused before their first frame, by reason.',
    labelNames: ['why'] as const,
    registers,
  });
  const mistakes = new Counter({
    name: 'evenkeel_service_mistakes_total',
    help: 'What the service did that it must not, by kind; each stands in the log with what to change.',
    labelNames: ['kind'] as const,
    registers,
  });
  let count = 0;
  // Each label value is there from the start: `rate` never sees the first event of a series that begins
  // with it.
  for (const reason of keysOf(disconnectCloseCodes)) disconnects.inc({ reason }, 0);
  for (const code of keysOf(errorCloseCodes)) errors.inc({ code }, 0);
  for (const kind of mistakeKinds) mistakes.inc({ kind }, 0);
  for (const why of refusals) turnedAway.inc({ why }, 0);
  for (const cause of gapCauses) gaps.zero({ cause });

  return {
    welcomed: (change) => {
      count += change;
      clients.set(count);
    },
    clients: () => count,
    received: () => received.inc(),
    accepted: () => accepted.inc(),
    delivered: () => delivered.inc(),
    gap: (gapMs, cause) => gaps.observe({ cause }, gapMs),
    disconnected: (reason) => disconnects.inc({ reason }),
    redirected: () => redirects.inc(),
    errors: (code) => errors.inc({ code }),
    skipped: skips,
    turnedAway: (why) => turnedAway.inc({ why }),
    mistake: (kind) => mistakes.inc({ kind }),
    registry,
  };
}

/** Counts what readers of the logs skipped; no label holds anything that a record says. */
export function countSkipped(registry: Registry): OnSkipped {
  const skipped = new Counter({
    name: 'evenkeel_skipped_records_total',
    help: 'Records of the topics that are none of ours, by log and reason.',
    labelNames: ['log', 'reason'] as const,
    registers: [registry],
  });
  for (const log of logs) for (const reason of skipReasons) skipped.inc({ log, reason }, 0);
  return ({ log, reason }) => skipped.inc({ log, reason });
}

/** Adds what the instance library and the process know (CPU, memory); read when scraped. */
export function addInstanceMetrics(registry: Registry, instance: Instance): void {
  collectDefaultMetrics({ register: registry });
  const figures = {
    evenkeel_held_partitions: ['Partitions held.', () => instance.status().held],
    evenkeel_warm_partitions: ['Partitions read ahead of a move.', () => instance.status().warm],
    evenkeel_parked_clients: [
      'Clients that wait for their welcome.',
      () => instance.status().parked,
    ],
    evenkeel_lease_good: ['1 while the instance may speak.', () => Number(instance.leaseGood())],
    evenkeel_revision: ['Revision that it strives for.', () => instance.status().revision],
  } as const;
  for (const [name, [help, read]] of Object.entries(figures)) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
}

function keysOf<K extends string>(codes: Readonly<Record<K, number>>): readonly K[] {
  return Object.keys(codes) as K[];
}

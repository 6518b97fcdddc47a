// Owns: what a worker tells of the Schedules in its metrics: evaluations that were missed or skipped,
// when the last one began, and whether somebody paused them. Read from the server every so often by
// each worker process that has a metrics port; a scrape never asks the server. Never changes a Schedule.

import type { Client } from '@temporalio/client';
import { Gauge, type Registry } from 'prom-client';
import { readSchedulesEveryMs } from './limits.js';
import { ticksOf, type ScheduleTicks } from './schedule.js';

export interface ScheduleMetrics {
  /** Adds the gauges, and begins to read. */
  readonly register: (registry: Registry) => void;
  close(): void;
}

export interface ScheduleMetricsOptions {
  readonly client: () => Client;
  /** All that have a policy. */
  readonly services: () => Promise<readonly string[]>;
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
  /** Shorter in tests. */
  readonly everyMs?: number;
}

const gauges = {
  missed_ticks: {
    help: 'Evaluations that the server could not start in time, since the Schedule exists',
    of: ({ missed }: ScheduleTicks) => missed,
  },
  skipped_ticks: {
    help: 'Evaluations skipped because the one before still ran, since the Schedule exists',
    of: ({ skipped }: ScheduleTicks) => skipped,
  },
  last_tick_timestamp_seconds: {
    help: 'When the last evaluation began; 0 before the first',
    of: ({ lastAtMs }: ScheduleTicks) => (lastAtMs ?? 0) / 1_000,
  },
  paused: {
    help: '1 while the Schedule is paused',
    of: ({ paused }: ScheduleTicks) => (paused ? 1 : 0),
  },
} as const;

export function scheduleMetrics(options: ScheduleMetricsOptions): ScheduleMetrics {
  const { client, services, log, everyMs = readSchedulesEveryMs } = options;
  let timer: NodeJS.Timeout | undefined;
  let reading = false;
  return {
    register: (registry) => {
      const registered = Object.entries(gauges).map(([name, { help, of }]) => ({
        gauge: new Gauge({
          name: `evenkeel_schedule_${name}`,
          help,
          labelNames: ['service'],
          registers: [registry],
        }),
        of,
      }));
      const read = async (): Promise<void> => {
        const names = await services();
        const found = await Promise.all(
          names.map(async (service) => ({ service, ticks: await ticksOf(client(), service) })),
        );
        // A Schedule that was deleted is told of no more.
        for (const { gauge } of registered) gauge.reset();
        for (const { service, ticks } of found) {
          if (ticks === null) continue;
          for (const { gauge, of } of registered) gauge.set({ service }, of(ticks));
        }
      };
      // What cannot be read now stays what it was: the time of the last tick gets old by itself.
      const readQuietly = async (): Promise<void> => {
        if (reading) return;
        reading = true;
        await read().catch((error: unknown) => log('schedules-not-read', { error: String(error) }));
        reading = false;
      };
      timer = setInterval(() => void readQuietly(), everyMs);
      void readQuietly();
    },
    close: () => clearInterval(timer),
  };
}

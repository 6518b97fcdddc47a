import { ScheduleNotFoundError, type Client, type ScheduleDescription } from '@temporalio/client';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { scheduleMetrics, type ScheduleMetrics } from '../src/worker-schedules.js';
import { eventually } from './support/eventually.js';

type Told = Pick<ScheduleDescription, 'state' | 'info'>;

const at = (atMs: number) => ({
  scheduledAt: new Date(atMs - 5),
  takenAt: new Date(atMs),
  action: {
    type: 'startWorkflow' as const,
    workflow: { workflowId: `autoscale/m-${atMs}`, firstExecutionRunId: `${atMs}` },
  },
});

/** What the server says of a Schedule, as its client types it. */
function described(more: { missed?: number; skipped?: number; paused?: boolean }): Told {
  const { missed = 0, skipped = 0, paused = false } = more;
  return {
    state: { paused },
    info: {
      recentActions: [at(1_000), at(61_000)],
      nextActionTimes: [],
      createdAt: new Date(0),
      lastUpdatedAt: undefined,
      runningActions: [],
      numActionsTaken: 2,
      numActionsMissedCatchupWindow: missed,
      numActionsSkippedOverlap: skipped,
    },
  };
}

let metrics: ScheduleMetrics | undefined;

afterEach(() => metrics?.close());

function opened(schedules: Map<string, Told | Error>) {
  const logged: string[] = [];
  const getHandle = (id: string) => ({
    describe: async () => {
      const found = schedules.get(id) ?? new ScheduleNotFoundError('none', id);
      if (found instanceof Error) throw found;
      return found;
    },
  });
  const registry = new Registry();
  metrics = scheduleMetrics({
    client: () => ({ schedule: { getHandle } }) as unknown as Client,
    services: async () => ['m', 'n'],
    log: (event) => void logged.push(event),
    everyMs: 5,
  });
  metrics.register(registry);
  const value = async (name: string, service: string) => {
    const gauge = registry.getSingleMetric(`evenkeel_schedule_${name}`);
    const { values } = (await gauge?.get()) ?? { values: [] };
    return values.find(({ labels }) => labels['service'] === service)?.value;
  };
  return { value, logged };
}

describe('the metrics of the Schedules', () => {
  it('tell what was missed, skipped and paused, and when the last evaluation began', async () => {
    const schedules = new Map<string, Told>([
      ['evenkeel/m', described({ missed: 3, skipped: 2 })],
      ['evenkeel/n', described({ paused: true })],
    ]);
    const { value } = opened(schedules);
    await eventually('they are read', async () => (await value('missed_ticks', 'm')) === 3);
    expect(await value('skipped_ticks', 'm')).toBe(2);
    expect(await value('paused', 'm')).toBe(0);
    expect(await value('last_tick_timestamp_seconds', 'm')).toBe(61);
    expect(await value('missed_ticks', 'n')).toBe(0);
    expect(await value('paused', 'n')).toBe(1);

    schedules.set('evenkeel/m', described({ missed: 4, skipped: 2 }));
    await eventually('they are read again', async () => (await value('missed_ticks', 'm')) === 4);
  });

  it('tell no more of a Schedule that was deleted', async () => {
    const schedules = new Map<string, Told>([['evenkeel/m', described({ missed: 3 })]]);
    const { value } = opened(schedules);
    await eventually('they are read', async () => (await value('missed_ticks', 'm')) === 3);
    expect(await value('missed_ticks', 'n')).toBeUndefined();
    schedules.delete('evenkeel/m');
    await eventually('it is gone', async () => (await value('missed_ticks', 'm')) === undefined);
  });

  it('stay what they were while the server does not answer, which is logged', async () => {
    const schedules = new Map<string, Told | Error>([['evenkeel/m', described({ missed: 3 })]]);
    const { value, logged } = opened(schedules);
    await eventually('they are read', async () => (await value('missed_ticks', 'm')) === 3);
    schedules.set('evenkeel/m', new Error('no answer'));
    await eventually('it is logged', () => logged.includes('schedules-not-read'));
    expect(await value('missed_ticks', 'm')).toBe(3);
    schedules.set('evenkeel/m', described({ missed: 5 }));
    await eventually('it goes on', async () => (await value('missed_ticks', 'm')) === 5);
  });
});

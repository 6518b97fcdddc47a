// Owns: what a worker says while it runs: sentences for people, or JSON lines for programs, with the ids
// under which Temporal's history, the records and the instances' logs have the same thing. Never says a
// token, an address with a password, or what a person wrote.

import { pino, type DestinationStream } from 'pino';
import type { FinishedSpan } from '../trace-port.js';

export const logFormats = ['text', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

export interface WorkerLog {
  /** `area`: temporal, platform, watcher, schedules, worker. */
  say(area: string, event: string, detail: Readonly<Record<string, unknown>>): void;
  /** A step of a saga that has ended; as text nothing, for Temporal's UI shows it better. */
  step(span: FinishedSpan): void;
}

export function createWorkerLog(
  format: LogFormat,
  progress: (line: string) => void,
  to: DestinationStream = pino.destination(2),
): WorkerLog {
  if (format === 'text') {
    return {
      say: (area, event, detail) => progress(`${area}: ${event} ${JSON.stringify(detail)}`),
      step: () => undefined,
    };
  }
  const log = pino({ base: { program: 'worker' } }, to);
  return {
    say: (area, event, detail) => log.info({ area, ...detail }, event),
    step: ({ name, startedAtMs, endedAtMs, attributes, error }) => {
      const ids = {
        service: attributes['evenkeel.service'],
        rebalance: attributes['evenkeel.rebalance'],
        epoch: attributes['evenkeel.epoch'],
        workflowId: attributes['temporal.workflow_id'],
        runId: attributes['temporal.run_id'],
        attempt: attributes['temporal.attempt'],
        revision: attributes['evenkeel.revision'],
        outcome: attributes['evenkeel.outcome'],
      };
      const tookMs = endedAtMs - startedAtMs;
      if (error === undefined) log.info({ area: 'saga', ...ids, tookMs }, name);
      else log.warn({ area: 'saga', ...ids, tookMs, error }, name);
    },
  };
}

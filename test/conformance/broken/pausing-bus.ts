// A bus that stands still while its process is paused: nothing is written or read until it goes on. What
// SIGSTOP is to a process of its own, for an instance inside of the test's.

import { setTimeout as pause } from 'node:timers/promises';
import type { Bus } from '../../../src/ports.js';

/**
 * The order in which a process reads after a pause is nobody's to know. Here: what it had wanted to write is
 * written first, then it reads messages, and what tells it that it was fenced last, far behind on a busy machine, too.
 */
const messagesAfterMs = 100;
const othersAfterMs = 600;

export interface PausingBus extends Bus {
  pause(): void;
  goOn(): void;
}

export function pausingBus(bus: Bus): PausingBus {
  let standing: Promise<void> | null = null;
  let release: () => void = () => undefined;
  return {
    ...bus,
    appender: async (name) => {
      const appender = await bus.appender(name);
      return {
        ...appender,
        append: async (records) => {
          if (standing !== null) await standing;
          return appender.append(records);
        },
      };
    },
    open: (spec) =>
      bus.open({
        ...spec,
        onRecords: async (partition, records, end) => {
          if (standing !== null) {
            await standing;
            await pause(spec.topic.endsWith('.messages') ? messagesAfterMs : othersAfterMs);
          }
          await spec.onRecords(partition, records, end);
        },
      }),
    pause: () => {
      standing = new Promise((resolve) => (release = resolve));
    },
    goOn: () => {
      standing = null;
      release();
    },
  };
}

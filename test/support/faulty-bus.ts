// Owns: a bus whose control messages of one kind cannot be written: faults for whole-stack tests.

import { BadInputError } from '../../src/errors.js';
import type { ControlMessage } from '../../src/core/records.js';
import type { Bus } from '../../src/ports.js';

export interface FaultyBus extends Bus {
  /** From now on appending a control message that `isHit` fails for good; null: nothing fails. */
  failOn(isHit: ((message: ControlMessage) => boolean) | null): void;
}

export function faultyBus(bus: Bus): FaultyBus {
  let isHit: ((message: ControlMessage) => boolean) | null = null;
  return {
    ...bus,
    failOn: (next) => void (isHit = next),
    appender: async (name) => {
      const appender = await bus.appender(name);
      return {
        ...appender,
        append: async (records) => {
          for (const { topic, value } of records) {
            const message = JSON.parse(value) as ControlMessage;
            if (topic.endsWith('.control') && isHit?.(message) === true) {
              // Not retryable, so that the saga need not wait through ten attempts.
              throw new BadInputError(`the test refuses to write ${message.type}`);
            }
          }
          return appender.append(records);
        },
      };
    },
  };
}

// Reads the control topic of a service: every message in order, from the start, so that a process
// that starts while ConfigDB is away still learns the latest revision. It never decides anything.

import { readControlMessage } from '../core/handover/goal-reading.js';
import { parseObject } from '../core/handover/ownership-log.js';
import type { ControlMessage } from '../core/records.js';
import type { Bus } from '../ports.js';
import { caughtUpWith } from './ownership-view.js';
import type { OnSkipped } from './skipped.js';
import { topicsOf } from './topics.js';

export interface ControlReader {
  /** Resolves when everything that was there at the time of the call has been delivered. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

export async function openControlReader(
  bus: Bus,
  service: string,
  onMessage: (message: ControlMessage) => void,
  more: { readonly partitions?: number; readonly onSkipped?: OnSkipped } = {},
): Promise<ControlReader> {
  const topic = topicsOf(service).control;
  const reader = await bus.open({
    topic,
    positions: new Map([[0, 'start']]),
    onRecords: (partition, records) => {
      for (const { value, offset } of records) {
        const message = readControlMessage(parseObject(value), more.partitions);
        if (typeof message !== 'string') onMessage(message);
        else more.onSkipped?.({ log: 'control', reason: message, partition, offset });
      }
    },
    onJump: () => undefined,
  });
  return {
    caughtUp: () => caughtUpWith(bus, topic, () => reader.positions()),
    close: () => reader.close(),
  };
}

// Reads the control topic of a service: every message in order, from the start, so that a process
// that starts while ConfigDB is away still learns the latest revision. It never decides anything.

import { parseControlMessage } from '../core/handover/goal.js';
import { parseObject } from '../core/handover/ownership-log.js';
import type { ControlMessage } from '../core/records.js';
import type { Bus } from '../ports.js';
import { caughtUpWith } from './ownership-view.js';
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
): Promise<ControlReader> {
  const topic = topicsOf(service).control;
  const reader = await bus.open({
    topic,
    positions: new Map([[0, 'start']]),
    onRecords: (_partition, records) => {
      for (const { value } of records) {
        const message = parseControlMessage(parseObject(value));
        if (message !== null) onMessage(message);
      }
    },
    onJump: () => undefined,
  });
  return {
    caughtUp: () => caughtUpWith(bus, topic, () => reader.positions()),
    close: () => reader.close(),
  };
}

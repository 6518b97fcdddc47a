// Owns: what an instance says of control messages, with the ids of the saga that sent them.

import type { ControlMessage } from '../core/records.js';
import type { InstanceEvent } from './api.js';

/** Tells the driver; and the log, but for what was said before this life, and what changes nothing. */
export function logControl(
  log: (event: InstanceEvent) => void,
  isReady: () => boolean,
  driver: { control(said: ControlMessage): void },
): (said: ControlMessage) => void {
  return (said) => {
    const { type, rebalance, epoch, revision } = said;
    if (isReady() && type !== 'report') {
      log({ level: 'info', event: 'control', detail: { type, rebalance, epoch, revision } });
    }
    driver.control(said);
  };
}

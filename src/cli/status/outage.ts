// Owns: how `status` says that a rebalance waits for something that is away: since when, how often it
// was tried, and what becomes of it if that lasts. Pure.

import type { RebalanceStatus } from '../../../workflows/messages.js';
import {
  forwardOutageMaxMs,
  outageText,
  undoOutageMaxMs,
  type Outage,
} from '../../core/saga/outage.js';
import { timeText } from '../when.js';

export function waitingText(status: RebalanceStatus, outage: Outage): string {
  return `${outageText(outage)}: it goes on by itself when that answers${patienceText(status, outage)}`;
}

/** Nothing where it only goes forward: that is waited for as long as it takes. */
function patienceText({ phase, gone, request }: RebalanceStatus, { sinceMs }: Outage): string {
  if (phase === 'undo') return `; the undo is given up at ${timeText(sinceMs + undoOutageMaxMs)}`;
  const afterNoReturn = phase === 'scale-down' || phase === 'record';
  const urgent = gone.length > 0 || request?.source === 'instance-lost';
  if (afterNoReturn || urgent) return '';
  return `; undone at ${timeText(sinceMs + forwardOutageMaxMs)}, if it does not`;
}

// Owns: what must hold when a seed is over, in sentences of what does not. Pure: it judges what was seen
// (run-seed.ts) and looks at nothing itself.

import { formatRanges, normalize } from '../src/core/ranges.js';
import type { MessageCounts } from '../src/load/message-account.js';
import { graceMs, nextWithinMs } from './limits.js';
import { namedStates } from './whole.js';

/** What was seen of one seed. */
export interface Seen {
  /** What was missing when the grace had passed. */
  readonly missing: readonly string[];
  /** Of the run that was the last one then. */
  readonly state: string;
  /** Partitions whose fresh client was not welcomed. */
  readonly refused: readonly number[];
  /** What the next request ended with; null: it did not end in time. */
  readonly next: { readonly outcome: string; readonly text: string } | null;
  /** What was missing after it. */
  readonly missingAfter: readonly string[];
  /** Where ownership is not what ConfigDB says. */
  readonly differences: readonly string[];
  readonly strangers: readonly string[];
  readonly overlaps: number;
  /** What else the check of the logs found. */
  readonly evidence: readonly string[];
  readonly messages: MessageCounts;
  /** Clients without a connection at the end. */
  readonly away: readonly string[];
}

const goodOutcomes: readonly string[] = ['completed', 'recovered', 'unnecessary'];

/** Empty when every promise was kept. */
export function wrongIn(seen: Seen): readonly string[] {
  const { lost, duplicated, outOfOrder, unanswered, sent } = seen.messages;
  const counted: readonly (readonly [number, string])[] = [
    [seen.overlaps, 'clients were connected to two instances at once'],
    [lost, 'messages were accepted and did not arrive'],
    [duplicated, 'messages arrived twice'],
    [outOfOrder, 'messages arrived out of order'],
    [unanswered, 'messages were never accepted'],
    [seen.away.length, 'clients are not connected at the end'],
  ];
  return [
    ...seen.missing.map((what) => `after ${graceMs / 1_000} s of peace ${what}`),
    ...when(
      !namedStates.includes(seen.state),
      `the run is in a state without a name: ${seen.state}`,
    ),
    ...when(
      seen.refused.length > 0,
      `nobody welcomes newcomers of ${formatRanges(normalize(seen.refused.map((p) => [p, p])))}`,
    ),
    ...nextFault(seen.next),
    ...seen.missingAfter.map((what) => `after the next request ${what}`),
    ...seen.differences.map((what) => `ConfigDB and log differ: ${what}`),
    ...seen.strangers,
    ...counted.flatMap(([count, what]) => when(count > 0, `${count} ${what}`)),
    ...when(sent === 0, 'no message was sent'),
    ...seen.evidence,
  ];
}

function nextFault(next: Seen['next']): readonly string[] {
  if (next === null) return [`the next request has not ended after ${nextWithinMs / 1_000} s`];
  const { outcome, text } = next;
  return when(!goodOutcomes.includes(outcome), `the next request ended ${outcome}: ${text}`);
}

function when(holds: boolean, sentence: string): string[] {
  return holds ? [sentence] : [];
}

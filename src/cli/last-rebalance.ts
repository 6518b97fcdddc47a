// Owns: what `status` says of the last rebalance: what was recorded of it, since how its run closed
// says little (an aborted one closes as Completed). Pure.

import type { Outcome, RebalanceRequest } from '../../activities/types.js';
import type { RebalanceDoc } from '../ports.js';
import { outcomeText } from './outcome-text.js';
import type { RunSeen } from './temporal.js';

export interface LastOutcome {
  readonly requestId: string;
  readonly outcome: Outcome;
  readonly text: string;
}

/** The outcome of the run's last request: recorded in ConfigDB, else by the run's own word. */
export function lastOutcomeOf(
  run: Pick<RunSeen, 'runId' | 'status'>,
  newest: RebalanceDoc | undefined,
): LastOutcome | null {
  const body = (newest?.runId === run.runId ? newest.body : {}) as {
    readonly request?: RebalanceRequest;
    readonly outcome?: Outcome | null;
    readonly text?: string;
  };
  if (body.outcome != null) {
    const { request, outcome, text = '' } = body;
    return { requestId: request?.requestId ?? '', outcome, text };
  }
  const said = run.status?.outcomes.at(-1);
  return said === undefined
    ? null
    : { requestId: said.requestId, outcome: said.outcome, text: said.text };
}

/** `running, hand-over`, `aborted: …`, and how the run closed where nothing was recorded. */
export function lastRebalanceText(
  run: Pick<RunSeen, 'state' | 'status' | 'stuck'>,
  last: LastOutcome | null,
): string {
  if (run.state === 'RUNNING') {
    if (run.stuck !== null) return 'stuck: no worker can carry it on';
    return `running, ${run.status?.phase ?? 'no worker answers'}`;
  }
  if (last === null) return `${run.state.toLowerCase()}, no outcome recorded`;
  return outcomeText(last.outcome, last.text);
}

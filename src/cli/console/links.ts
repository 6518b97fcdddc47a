// Owns: where the Temporal UI shows what the console speaks of. Pure; null where nobody said where it is.

import { BadInputError } from '../../errors.js';
import { scheduleIdOf } from '../../schedule.js';
import { rebalanceIdOf } from '../temporal.js';

export interface Links {
  run(service: string, runId: string): string | null;
  schedule(service: string): string | null;
}

/** @throws BadInputError for what no browser should be sent to */
export function linksTo(uiUrl: string | undefined, namespace: string): Links {
  if (uiUrl === undefined) return { run: () => null, schedule: () => null };
  if (!/^https?:\/\//.test(uiUrl) || !URL.canParse(uiUrl)) {
    throw new BadInputError('the address of the Temporal UI is none', {
      field: '--temporal-ui-url',
      found: uiUrl,
      allowed: 'for example http://127.0.0.1:8233',
    });
  }
  const base = `${uiUrl.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}`;
  return {
    run: (service, runId) =>
      `${base}/workflows/${encodeURIComponent(rebalanceIdOf(service))}/${encodeURIComponent(runId)}/history`,
    schedule: (service) => `${base}/schedules/${encodeURIComponent(scheduleIdOf(service))}`,
  };
}

// What an instance has to say of others' records and of its own service: each counted, and said now and
// then. Finds nothing by itself.

import { createSkipNotes, type OnSkipped } from '../logs/skipped.js';
import type { InstanceDependencies } from './api.js';
import { createMistakeNotes, type OnMistake } from './mistakes.js';

export interface Notes {
  readonly onSkipped: OnSkipped;
  readonly onMistake: OnMistake;
}

export function createNotes(
  dependencies: Pick<InstanceDependencies, 'log' | 'onSkipped' | 'onMistake'>,
  nowMs: () => number,
): Notes {
  const { log } = dependencies;
  return {
    onSkipped: createSkipNotes({
      nowMs,
      say: (detail) => log({ level: 'warn', event: 'record-skipped', detail }),
      count: dependencies.onSkipped,
    }),
    onMistake: createMistakeNotes({
      nowMs,
      say: (detail) => log({ level: 'error', event: 'mistake', detail }),
      count: dependencies.onMistake,
    }),
  };
}

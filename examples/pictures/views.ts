// Owns: which pages of the Temporal UI the documents show, of which scene, and under which file name.
// Data only; opens nothing.

import type { Run } from '../../faults/stand.js';
import type { View } from './camera.js';

export interface Shot {
  /** Below docs/pictures/, without its ending. */
  readonly name: string;
  readonly view: View;
}

const below = '/namespaces/default';

function pageOf({ workflowId, signaledRunId }: Run, page: string): string {
  return `${below}/workflows/${encodeURIComponent(workflowId)}/${signaledRunId}/${page}`;
}

/** The page that the run keeps about itself: current details. */
export function detailsOf(run: Run, name: string, wanted: string, heightPx: number): Shot {
  return { name, view: { path: pageOf(run, 'user-metadata'), wanted, inFrame: true, heightPx } };
}

/** The history as a time line, each activity with its summary, over the list of events. */
export function historyOf(run: Run, name: string, wanted: string, heightPx: number): Shot {
  return { name, view: { path: pageOf(run, 'history'), wanted, heightPx } };
}

const columns = [
  'Status',
  'Workflow ID',
  'EvenkeelPhase',
  'EvenkeelOutcome',
  'EvenkeelRevision',
  'EvenkeelMovedClients',
  'EvenkeelGapP99Ms',
];

/** All runs, by the search attributes instead of run ids. */
export function listOf(): Shot {
  const shown = columns.map((label) => ({ label }));
  return {
    name: 'workflows',
    view: {
      path: `${below}/workflows`,
      wanted: 'compensation-failed',
      kept: { 'namespace-workflow-table-columns': { default: shown } },
      widthPx: 1_560,
      heightPx: 640,
    },
  };
}

export function scheduleOf(service: string): Shot {
  return {
    name: 'schedule-paused',
    view: {
      path: `${below}/schedules/${encodeURIComponent(`evenkeel/${service}`)}`,
      wanted: 'Paused by evenkeel',
      heightPx: 1_300,
    },
  };
}

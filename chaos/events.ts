// Owns: what can happen in a script, and how each event reads on one line. Data only: perform.ts does it.

import type { PartName } from '../stack/start.js';

/** What somebody asks of the service. */
export type Request =
  | { readonly kind: 'resize'; readonly instances: number }
  | { readonly kind: 'in-place' }
  | { readonly kind: 'drain'; readonly place: number; readonly instances: number | null }
  /** So many revisions back, as far as there are. */
  | { readonly kind: 'rollback'; readonly back: number }
  /** A policy with which the autoscaler wants so many instances; null: it wants nothing. */
  | { readonly kind: 'autoscale'; readonly instances: number | null }
  | { readonly kind: 'approval'; readonly policy: 'always' | 'never' };

/** What a person says to the run that is under way. */
export type Word = {
  readonly kind: 'approve' | 'reject' | 'abort' | 'cancel' | 'terminate';
};

export type Fault =
  | { readonly kind: 'worker-killed' | 'directory-killed'; readonly awayMs: number }
  /** `place`: among the instances that run at that moment, counted round and round. */
  | { readonly kind: 'instance-killed' | 'instance-told-to-end'; readonly place: number }
  | { readonly kind: 'instance-paused'; readonly place: number; readonly forMs: number }
  | { readonly kind: 'part-paused'; readonly part: PartName; readonly forMs: number }
  | { readonly kind: 'temporal-killed'; readonly awayMs: number }
  | { readonly kind: 'links-cut' };

export type Happening = Request | Word | Fault;
export type ChaosEvent = { readonly atMs: number } & Happening;

const requestKinds = ['resize', 'in-place', 'drain', 'rollback', 'autoscale', 'approval'];
const wordKinds = ['approve', 'reject', 'abort', 'cancel', 'terminate'];

export function isRequest(event: Happening): event is Request {
  return requestKinds.includes(event.kind);
}

export function isWord(event: Happening): event is Word {
  return wordKinds.includes(event.kind);
}

/** `+ 3.21 s  kafka stands still for 1.2 s`. */
export function lineOf(event: ChaosEvent): string {
  return `+${seconds(event.atMs).padStart(6)} s  ${textOf(event)}`;
}

export function textOf(event: Happening): string {
  switch (event.kind) {
    case 'resize':
      return `operator: ${event.instances} instances shall own partitions`;
    case 'in-place':
      return 'operator: whatever runs shall own partitions, evenly';
    case 'drain': {
      const other = event.instances === null ? '' : `, and ${event.instances} shall own partitions`;
      return `operator: drain instance #${event.place} of those that run${other}`;
    }
    case 'rollback':
      return `operator: back by ${event.back} revisions`;
    case 'autoscale':
      return event.instances === null
        ? 'policy: the autoscaler leaves it as it is'
        : `policy: the autoscaler wants ${event.instances} instances`;
    case 'approval':
      return `policy: approval ${event.policy}`;
    case 'approve':
    case 'reject':
    case 'abort':
      return `person: ${event.kind}`;
    case 'cancel':
    case 'terminate':
      return `person: ${event.kind} the run`;
    case 'worker-killed':
    case 'directory-killed': {
      const who = event.kind === 'worker-killed' ? 'worker' : 'session directory';
      return `fault: ${who} killed, started again after ${seconds(event.awayMs)} s`;
    }
    case 'instance-killed':
      return `fault: instance #${event.place} of those that run killed`;
    case 'instance-told-to-end':
      return `fault: instance #${event.place} of those that run told to end`;
    case 'instance-paused':
      return `fault: instance #${event.place} of those that run stands still for ${seconds(event.forMs)} s`;
    case 'part-paused':
      return `fault: ${event.part} stands still for ${seconds(event.forMs)} s`;
    case 'temporal-killed':
      return `fault: temporal killed, started again on its database after ${seconds(event.awayMs)} s`;
    case 'links-cut':
      return 'fault: every connection through the slow links cut';
  }
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(2);
}

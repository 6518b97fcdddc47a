// Owns: what of an instance's life is worth a span: partitions read up to the tail, drained, acquired, and
// clients from their hello to their welcome. Sees what the machines decide; decides nothing. What never
// ends (a client that goes away while parked) is forgotten, not told.

import type { ConnectionAction } from '../core/handover/connections.js';
import type { Goals } from '../core/handover/goal.js';
import type { Action } from '../core/handover/phase.js';
import type { FinishedSpan } from '../trace-port.js';
import type { InstanceDependencies } from './api.js';

/** Spans that have begun and not ended; what begins beyond is not traced. */
export const tracedAtOnceMax = 50_000;

/** The machines' actions, and the beginnings that come from outside. */
export type Seen =
  | Action
  | ConnectionAction
  | {
      readonly kind: 'hello';
      readonly id: string;
      readonly partition: number;
      /** What the client echoed of its notice; null: it was not moved. */
      readonly revision: number | null;
    }
  | { readonly kind: 'gone'; readonly id: string };

interface Begun {
  readonly atMs: number;
  readonly attributes: FinishedSpan['attributes'];
  readonly rebalance: string | null;
}

/** Undefined when nobody takes spans. `goals`: what is strived for just now names the rebalance. */
export function createSpans(
  who: { readonly service: string; readonly instance: string; readonly incarnation: string },
  goals: Pick<Goals, 'target' | 'prepared'>,
  { trace, clock }: Pick<InstanceDependencies, 'trace' | 'clock'>,
): ((seen: Seen) => void) | undefined {
  if (trace === undefined) return undefined;
  const { service, instance, incarnation } = who;
  const wallMs = (): number => clock.wallMs();
  const begun = new Map<string, Begun>();
  const ids = {
    'evenkeel.service': service,
    'evenkeel.instance': instance,
    'evenkeel.incarnation': incarnation,
  };

  const begin = (key: string, attributes: Begun['attributes'], rebalance?: string | null): void => {
    if (begun.size >= tracedAtOnceMax) return;
    const of = rebalance === undefined ? (goals.target?.rebalance ?? null) : rebalance;
    begun.set(key, { atMs: wallMs(), attributes, rebalance: of });
  };
  const end = (key: string, name: string, more: FinishedSpan['attributes'] = {}): void => {
    const from = begun.get(key);
    if (from === undefined) return;
    begun.delete(key);
    const { rebalance } = from;
    const attributes = {
      ...ids,
      ...(rebalance === null ? {} : { 'evenkeel.rebalance': rebalance }),
      ...from.attributes,
      ...more,
    };
    trace({ name, rebalance, startedAtMs: from.atMs, endedAtMs: wallMs(), attributes });
  };
  const movedBy = (revision: number | null): string | null =>
    revision !== null && revision === goals.target?.revision ? goals.target.rebalance : null;

  return (seen) => {
    switch (seen.kind) {
      case 'hello': {
        const { id, partition, revision } = seen;
        const about = { 'evenkeel.partition': partition, 'evenkeel.moved': revision !== null };
        return begin(`hello ${id}`, about, movedBy(revision));
      }
      case 'welcome':
        return end(`hello ${seen.id}`, 'client.hello', { 'evenkeel.revision': seen.revision });
      case 'gone':
        return void begun.delete(`hello ${seen.id}`);
      case 'warm':
        if (goals.prepared === null) return;
        return begin(`warm ${goals.prepared.rebalance}`, {}, goals.prepared.rebalance);
      case 'answer-warmed':
        return end(`warm ${seen.rebalance}`, 'handover.warm', {
          'evenkeel.partitions': seen.partitions,
        });
      case 'drain':
        for (const partition of seen.partitions) {
          begin(`drain ${partition}`, {
            ...{ 'evenkeel.partition': partition, 'evenkeel.revision': seen.revision },
            'evenkeel.reason': seen.reason,
          });
        }
        return;
      case 'drained':
        return end(`drain ${seen.partition}`, 'handover.drain');
      case 'append':
        for (const { type, partition, revision } of seen.records) {
          if (type !== 'acquired') continue;
          const about = { 'evenkeel.partition': partition, 'evenkeel.revision': revision };
          begin(`acquire ${partition}`, about);
        }
        return;
      case 'serve':
        for (const partition of seen.partitions) end(`acquire ${partition}`, 'handover.acquire');
        return;
      default:
        return;
    }
  };
}

// Owns: what the control plane of an explored world may say: its distributions, one that contradicts
// the last, and `resume`. Never when it says it.

import type { ControlMessage } from '../../core/records.js';
import { instanceName } from '../../core/records.js';
import { service, urlOf } from './host.js';
import { ranges } from './world-options.js';
import type { WorldOptions } from './world-options.js';

/** The revisions in their order, then a contradiction of the last if there is one, then `resume`. */
export function controlMessages(options: WorldOptions): readonly ControlMessage[] {
  const { revisions, conflicting } = options;
  const names = Array.from({ length: options.instances }, (_, o) => instanceName(service, o));
  const distribution = (owners: readonly number[], revision: number): ControlMessage => ({
    type: 'distribution',
    epoch: 1,
    revision,
    rebalance: `r${revision}`,
    hash: owners.join(','),
    ranges: ranges(owners),
    instances: Object.fromEntries(names.map((name, o) => [name, { url: urlOf(o) }])),
    // One client at a time, and the receiver needs one unit of time for it.
    pace: { clientsPerWave: 1, acceptPerSecond: 1_000, partitionsPerWave: 1 },
  });
  const messages = revisions.map((owners, i) => distribution(owners, i + 1));
  const last = revisions.length;
  if (conflicting !== undefined) messages.push(distribution(conflicting, last));
  return [...messages, { type: 'resume', epoch: 1, revision: last, rebalance: `r${last}` }];
}

/** In words: `p0 to s-1, p1 to s-0`. */
export function inWords(message: ControlMessage): string {
  if (message.type !== 'distribution') return message.type;
  const parts = message.ranges.map(([from, to, ordinal]) => {
    const which = from === to ? `p${from}` : `p${from}-p${to}`;
    return `${which} to ${instanceName(service, ordinal)}`;
  });
  return `revision ${message.revision} (${parts.join(', ')})`;
}

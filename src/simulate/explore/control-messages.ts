// Owns: what the control plane of an explored world may say: its distributions, one that contradicts
// the last, and `resume`. Never when it says it.

import type { ControlMessage } from '../../core/records.js';
import { instanceName } from '../../core/records.js';
import { service, urlOf } from './host.js';
import { ranges } from './world-options.js';
import type { WorldOptions } from './world-options.js';

/** The revisions in their order, a contradiction of the last if there is one, then what is said besides. */
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
  const owners = revisions[last - 1] ?? [];
  const base = { epoch: 1, revision: last, rebalance: `r${last}` };
  const others = options.says.map((type): ControlMessage =>
    type === 'prepare'
      ? { ...(distribution(owners, last) as ControlMessage & { type: 'distribution' }), type }
      : { type, ...base },
  );
  return [...messages, ...others];
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

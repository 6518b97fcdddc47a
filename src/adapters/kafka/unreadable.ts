// Says that batches are passed over because nobody here can read them: once per partition, so that a
// producer that compresses everything does not fill the log. Counting is for whoever gets the records.

import { unreadablePartitionsSaidMax } from '../../limits.js';
import type { OnUnreadable } from './brokers.js';
import type { Log } from './client.js';

export function createUnreadableNotes(log: Log): OnUnreadable {
  const said = new Set<string>();
  return (topic, partition, offset, why) => {
    const where = `${topic}/${partition}`;
    if (said.has(where) || said.size >= unreadablePartitionsSaidMax) return;
    said.add(where);
    log(
      'warn',
      `${where}: the records from offset ${offset} on cannot be read (${why}) and are skipped; later ones of this partition are skipped without a word`,
    );
  };
}

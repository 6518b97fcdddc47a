// Owns: what doctor asks of Kafka before it reads a log: are the five topics there, with the
// partitions that they need, and are they kept as production needs it.

import { topicsOf, topicSpecs } from '../../logs/topics.js';
import { duplicateWindowMs } from '../../limits.js';
import type { Bus, TopicSettings } from '../../ports.js';
import { durationText } from '../when.js';
import { fault, ok, warning, type Finding } from './finding.js';

/** One broker can be lost without losing an acknowledged record, and another while it is away. */
const replicasWanted = 3;
const inSyncWanted = 2;
/** What our readers can read, whoever writes: `producer` means whatever comes. */
const readCompressions = ['uncompressed', 'gzip'];
/** Evidence that is trimmed sooner helps nobody who investigates. */
const evidenceKeptMs = 24 * 3_600_000;

export interface TopicSeen {
  readonly topic: string;
  readonly wanted: number;
  /** 0: it is not there. */
  readonly found: number;
}

export async function readTopics(
  bus: Bus,
  service: string,
  partitions: number,
): Promise<readonly TopicSeen[]> {
  return Promise.all(
    topicSpecs(service, partitions).map(async ({ topic, partitions: wanted }) => ({
      topic,
      wanted,
      found: await bus.partitionCount(topic),
    })),
  );
}

export function checkTopics(topics: readonly TopicSeen[]): readonly Finding[] {
  const wrong = topics.filter(({ wanted, found }) => wanted !== found);
  if (wrong.length === 0) return [ok('topics', `all ${topics.length} have their partitions`)];
  return wrong.map(({ topic, wanted, found }) =>
    found === 0
      ? fault('topics', `topic ${topic} is not there`, 'evenkeel apply FILE creates it')
      : fault(
          'topics',
          `topic ${topic} has ${found} partitions, not ${wanted}`,
          'the number never changes for a running service: restore the topic, or run the service under another name',
        ),
  );
}

/** One finding, the worst first: what would lose records, then what would only be less safe. */
export function checkSettings(
  settings: readonly TopicSettings[],
  service: string,
): readonly Finding[] {
  const topics = topicsOf(service);
  const says: Finding[] = [];
  const complain = (
    how: typeof fault,
    wrong: (one: TopicSettings) => boolean,
    found: string,
    mend: string,
  ) => {
    const names = settings.filter(wrong).map(({ topic }) => topic);
    if (names.length > 0) says.push(how('topic-settings', `${names.join(', ')}: ${found}`, mend));
  };
  complain(
    fault,
    ({ compacted }) => compacted,
    'compacted, so records that others refer to are dropped',
    'set cleanup.policy=delete',
  );
  complain(
    fault,
    ({ topic, retentionMs }) =>
      [topics.ownership, topics.control].includes(topic) && retentionMs >= 0,
    'trimmed by time, so who starts later cannot know who holds what',
    'set retention.ms=-1',
  );
  complain(
    fault,
    ({ topic, timestamps }) =>
      [topics.sessions, topics.leases].includes(topic) && timestamps === 'create',
    'times are those of the writers, which are not comparable',
    'set message.timestamp.type=LogAppendTime',
  );
  complain(
    fault,
    ({ compression }) => !readCompressions.includes(compression),
    'records that somebody compresses with lz4, snappy or zstd are skipped unread',
    'set compression.type=uncompressed',
  );
  complain(
    fault,
    ({ topic, retentionMs }) =>
      topic === topics.messages && retentionMs >= 0 && retentionMs < duplicateWindowMs,
    `kept for less than the duplicate window of ${durationText(duplicateWindowMs)}`,
    'raise retention.ms',
  );
  complain(
    warning,
    ({ topic, retentionMs }) =>
      [topics.sessions, topics.leases].includes(topic) &&
      retentionMs >= 0 &&
      retentionMs < evidenceKeptMs,
    `evidence is kept for less than ${durationText(evidenceKeptMs)}`,
    'raise retention.ms',
  );
  complain(
    warning,
    ({ unclean }) => unclean,
    'a replica that lacks records may become leader',
    'set unclean.leader.election.enable=false',
  );
  complain(
    warning,
    ({ replicas, minInSync }) => replicas < replicasWanted || minInSync < inSyncWanted,
    'less than 3 replicas, or min.insync.replicas below 2: fine on one machine, not in production',
    'add brokers and replicas, then set min.insync.replicas=2',
  );
  return says.length > 0 ? says : [ok('topic-settings', 'kept as production needs it')];
}

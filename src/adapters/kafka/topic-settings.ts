// Owns: how topics are kept in Kafka: what production needs of them and nobody notices until a broker
// is lost. Reads only.

import kafkajs from 'kafkajs';
import { kafkaAdminRequestMs } from '../../limits.js';
import type { TopicSettings } from '../../ports.js';
import { createClient, type KafkaAddress } from './client.js';

// Node does not see this one among the named exports of a CommonJS module; only test runners do.
const { ConfigResourceTypes } = kafkajs;

const names = [
  'min.insync.replicas',
  'unclean.leader.election.enable',
  'cleanup.policy',
  'retention.ms',
  'message.timestamp.type',
  'compression.type',
] as const;

/** Rejects when Kafka does not answer or one of the topics is not there. */
export async function topicSettings(
  address: KafkaAddress,
  topics: readonly string[],
): Promise<readonly TopicSettings[]> {
  const client = createClient(address, kafkaAdminRequestMs);
  const admin = client.kafka.admin();
  try {
    await admin.connect();
    const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
    const replicas = new Map(
      metadata.topics.map(({ name, partitions }) => [
        name,
        Math.min(...partitions.map(({ replicas }) => replicas.length)),
      ]),
    );
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: topics.map((name) => ({
        type: ConfigResourceTypes.TOPIC,
        name,
        configNames: [...names],
      })),
    });
    return resources.map(({ resourceName: topic, configEntries }) => {
      const value = (name: (typeof names)[number]) =>
        configEntries.find(({ configName }) => configName === name)?.configValue ?? '';
      return {
        topic,
        replicas: replicas.get(topic) ?? 0,
        minInSync: Number(value('min.insync.replicas')),
        unclean: value('unclean.leader.election.enable') === 'true',
        compacted: value('cleanup.policy').includes('compact'),
        retentionMs: Number(value('retention.ms')),
        timestamps: value('message.timestamp.type') === 'LogAppendTime' ? 'append' : 'create',
        compression: value('compression.type'),
      };
    });
  } finally {
    client.kill();
  }
}

// Owns one setting of our topics: that the broker stores them uncompressed, whatever a producer sends or
// the cluster's default is. kafkajs reads no lz4, snappy or zstd: a record stored so would be skipped, our
// own included. Changes that one setting of a topic and no other.

import type { Broker, Cluster } from 'kafkajs';
import { messageOf, type Log } from './client.js';
import type { Link } from './link.js';
import { sendRaw } from './raw-request.js';

export const compressionType = { name: 'compression.type', value: 'uncompressed' } as const;

/** What kafkajs 2.2.4 has at run time and leaves out of its types. */
interface ConfigBroker extends Broker {
  describeConfigs(request: {
    resources: { type: number; name: string; configNames: string[] }[];
    includeSynonyms: boolean;
  }): Promise<{
    resources: {
      resourceName: string;
      configEntries: { configName: string; configValue: string }[];
    }[];
  }>;
}

const topicResource = 2;

/**
 * Sets what is not set, for topics that exist. A cluster that does not allow that is only complained
 * about: records that somebody compresses are skipped then, and `doctor` says so.
 */
export async function storeUncompressed(
  link: Link,
  log: Log,
  topics: readonly string[],
): Promise<void> {
  await link.ask('how topics are compressed', async (cluster) => {
    // Not repeated after an error: a start must not wait for a permission that it lacks.
    try {
      const wrong = await compressedOf(cluster, topics);
      if (wrong.length === 0) return;
      const refused = await setUncompressed(cluster, wrong);
      const set = wrong.filter((topic) => !refused.includes(topic));
      if (set.length > 0) log('info', `${set.join(', ')}: compression.type set to uncompressed`);
      if (refused.length > 0) {
        const which = refused.join(', ');
        log('warn', `${which}: the cluster refuses to set compression.type to uncompressed`);
      }
    } catch (error) {
      // Most often the right to look is missing: `apply` has it, and `doctor` says what is wrong.
      log('debug', `compression.type is not known here: ${messageOf(error)}`);
    }
  });
}

async function controllerOf(cluster: Cluster): Promise<ConfigBroker> {
  return (await cluster.findControllerBroker()) as ConfigBroker;
}

async function compressedOf(cluster: Cluster, topics: readonly string[]): Promise<string[]> {
  const { resources } = await (
    await controllerOf(cluster)
  ).describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({
      type: topicResource,
      name,
      configNames: [compressionType.name],
    })),
  });
  return resources
    .filter(({ configEntries }) => configEntries[0]?.configValue !== compressionType.value)
    .map(({ resourceName }) => resourceName);
}

/**
 * IncrementalAlterConfigs v0 (brokers since 2.3), which kafkajs lacks: its own request would set every
 * other setting of the topic back to its default. Answers the topics for which it was refused.
 */
async function setUncompressed(cluster: Cluster, topics: readonly string[]): Promise<string[]> {
  const { refused } = await sendRaw(
    await controllerOf(cluster),
    { apiKey: 44, apiVersion: 0, apiName: 'IncrementalAlterConfigs', body: encodeAlter(topics) },
    decodeAlter,
  );
  return refused;
}

function encodeAlter(topics: readonly string[]): Buffer {
  const int32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  };
  const string = (text: string) => {
    const bytes = Buffer.from(`  ${text}`, 'utf8');
    bytes.writeInt16BE(bytes.length - 2);
    return bytes;
  };
  const set = Buffer.from([0]);
  const resources = topics.flatMap((topic) => [
    Buffer.from([topicResource]),
    string(topic),
    int32(1),
    string(compressionType.name),
    set,
    string(compressionType.value),
  ]);
  const notOnlyValidate = Buffer.from([0]);
  return Buffer.concat([int32(topics.length), ...resources, notOnlyValidate]);
}

function decodeAlter(payload: Buffer): { clientSideThrottleTime: number; refused: string[] } {
  const refused: string[] = [];
  const clientSideThrottleTime = payload.readInt32BE(0);
  let at = 4;
  const int16 = () => payload.readInt16BE((at += 2) - 2);
  const string = () => {
    const length = Math.max(0, int16());
    return payload.toString('utf8', at, (at += length));
  };
  let left = payload.readInt32BE(at);
  at += 4;
  for (; left > 0; left -= 1) {
    const code = int16();
    string(); // what went wrong, in words
    at += 1; // kind of resource
    const topic = string();
    if (code !== 0) refused.push(topic);
  }
  return { clientSideThrottleTime, refused };
}

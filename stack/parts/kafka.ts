// Owns: Apache Kafka as one process that is broker and controller (KRaft).
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { copyJars, findJava } from '../maven.js';
import { PartError, type CommandLine, type Part, type PartProgram, type PartRun } from '../part.js';
import { cachedOrBuilt } from '../part-cache.js';
import { probeKafka } from '../probes.js';
import { findOnPath, run } from '../programs.js';

const version = '4.1.1';
const formatMs = 120_000;

export const kafka: Part = {
  name: 'kafka',
  title: `Apache Kafka ${version}`,
  product: 'Kafka',
  variable: 'KAFKA_BROKERS',
  defaultPorts: [9092, 9093],
  startWaitMs: 120_000,
  env: ([port]) => ({ KAFKA_BROKERS: `127.0.0.1:${port}` }),
  check: checkBrokers,
  find: async (onProgress) => {
    const onPath = findOnPath('kafka-server-start.sh');
    const formatter = onPath && join(dirname(onPath), 'kafka-storage.sh');
    if (onPath !== undefined && formatter !== undefined && existsSync(formatter)) {
      return program('path', (run) => {
        const env = { KAFKA_HEAP_OPTS: '-Xms256m -Xmx512m', LOG_DIR: run.dataDir };
        return {
          format: { command: formatter, args: [], env },
          server: { command: onPath, args: [configOf(run)], env },
        };
      });
    }
    const { directory, from } = await cachedOrBuilt(
      {
        key: `kafka-${version}`,
        title: kafka.title,
        estimateS: 15,
        build: async (into) => {
          await findJava(kafka, 'kafka-server-start.sh');
          const artifacts = [
            `org.apache.kafka:kafka_2.13:${version}`,
            'org.apache.logging.log4j:log4j-slf4j-impl:2.24.3',
          ] as const;
          await copyJars(kafka, 'kafka-server-start.sh', artifacts, into);
          return 'build';
        },
      },
      onProgress,
    );
    const command = await findJava(kafka, 'kafka-server-start.sh');
    return program(from, (run) => ({
      format: {
        command,
        args: javaArgs(directory, { ...run, lasting: false }, 'kafka.tools.StorageTool'),
      },
      server: { command, args: [...javaArgs(directory, run, 'kafka.Kafka'), configOf(run)] },
    }));
  },
};

interface Commands {
  readonly format: CommandLine;
  readonly server: CommandLine;
}

function program(origin: PartProgram['origin'], commands: (run: PartRun) => Commands): PartProgram {
  return {
    origin,
    prepare: async (part) => {
      writeFileSync(configOf(part), serverProperties(part));
      writeFileSync(loggingOf(part), loggingProperties);
      const { command, args, env = {} } = commands(part).format;
      const clusterId = randomBytes(16).toString('base64url');
      await run(command, [...args, 'format', `--cluster-id=${clusterId}`, '-c', configOf(part)], {
        env,
        timeoutMs: formatMs,
      });
    },
    command: (part) => commands(part).server,
  };
}

/** Any one broker of the comma-separated list is enough. */
async function checkBrokers(brokers: string): Promise<void> {
  const failures: string[] = [];
  for (const address of brokers.split(',').map((text) => text.trim())) {
    try {
      if ((await probeKafka(address)) > 0) return;
      failures.push('its broker is still starting');
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new PartError('kafka', failures.join('; '));
}

const configOf = ({ dataDir }: PartRun) => join(dataDir, 'server.properties');
const loggingOf = ({ dataDir }: PartRun) => join(dataDir, 'log4j2.properties');

function javaArgs(directory: string, run: PartRun, mainClass: string): string[] {
  return [
    '-Xms256m -Xmx512m -XX:+UseSerialGC -Xshare:auto'.split(' '),
    // Only the quick compiler: 40 % less processor time until it answers. After a minute or two of work
    // the other one is worth it: a third less for the same requests.
    run.lasting ? [] : ['-XX:TieredStopAtLevel=1'],
    ['-Djava.awt.headless=true'],
    [`-Dlog4j2.configurationFile=file:${loggingOf(run)}`],
    ['-cp', join(directory, 'jars', '*'), mainClass],
  ].flat();
}

function serverProperties({ ports: [port, controller], dataDir }: PartRun): string {
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': join(dataDir, 'logs'),
    // A mistyped topic must be an error, not a new topic with one partition.
    'auto.create.topics.enable': false,
    'group.initial.rebalance.delay.ms': 0,
    'num.partitions': 1,
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'log.retention.hours': 24,
    // After a crash the controller waits this long before the broker may register again (default 9 s).
    'broker.session.timeout.ms': 4_000,
    'broker.heartbeat.interval.ms': 500,
    // Small heap: the cleaner's default buffer alone is a quarter of it.
    'log.cleaner.dedupe.buffer.size': 8 * 1024 * 1024,
    'num.network.threads': 2,
    'num.io.threads': 4,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return `${lines.join('\n')}\n`;
}

const loggingProperties = `rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %c{1} %m%n
`;

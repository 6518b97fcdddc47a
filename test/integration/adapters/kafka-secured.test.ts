// The Kafka adapter on a real broker that wants TLS and a login: a sample of the contract of every bus
// through both, and everybody who is turned away, with the sentence that they get.
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectKafka } from '../../../src/adapters/kafka.js';
import { topicSettings } from '../../../src/adapters/kafka/topic-settings.js';
import { readKafkaSecurity } from '../../../src/connections/kafka.js';
import type { Environment } from '../../../src/connections/variables.js';
import { UnreachableError } from '../../../src/errors.js';
import { busContract } from '../../contract/bus.js';
import { makeAuthority } from '../../support/certificates.js';
import { startSecuredKafka, type SecuredKafka } from '../../support/secured-kafka.js';

let broker: SecuredKafka;
beforeAll(async () => {
  broker = await startSecuredKafka();
});
afterAll(() => broker.stop());

const said: string[] = [];
const connect = (at: string, env: Environment, onFault?: (error: unknown) => void) =>
  connectKafka({
    brokers: [at],
    clientId: 'secured',
    security: readKafkaSecurity(env, [at]),
    logger: (level, message, fields) => said.push(`${level} ${message} ${JSON.stringify(fields)}`),
    ...(onFault === undefined ? {} : { onFault }),
  });

const trusting = () => ({ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: broker.files.ca });
const ada = () => ({
  ...trusting(),
  KAFKA_SASL_MECHANISM: 'scram-sha-512',
  KAFKA_SASL_USERNAME: 'ada',
  KAFKA_SASL_PASSWORD_FILE: broker.file('ada', `${broker.passwords.ada}\n`),
});

busContract(
  'the bus on Kafka through TLS and SCRAM',
  async () => {
    const faults: unknown[] = [];
    const bus = await connect(broker.login, ada(), (error) => faults.push(error));
    const admin = new Kafka({ brokers: [broker.plain], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const name = randomUUID().slice(0, 8);
    let topics = 0;
    return {
      bus,
      faults,
      async trim(topic, partition, toOffset) {
        await admin.fetchTopicOffsets(topic);
        const partitions = [{ partition, offset: String(toOffset) }];
        await admin.deleteTopicRecords({ topic, partitions });
      },
      topicName: () => `contract-${name}-${topics++}`,
      async end() {
        await bus.close();
        await admin.disconnect();
      },
    };
  },
  true,
);

describe('who is let in', () => {
  const works = async (at: string, env: Environment) => {
    const bus = await connect(at, env);
    const topic = `in-${randomUUID()}`;
    await bus.ensureTopics([
      { topic, partitions: 1, retentionMs: 3_600_000, timestamps: 'append' },
    ]);
    const appender = await bus.appender('in');
    expect(await appender.append([{ topic, partition: 0, value: 'x' }])).toEqual([0]);
    await bus.close();
    return topic;
  };

  it('are a user with PLAIN, and a client with a certificate', async () => {
    const { bob } = broker.passwords;
    const login = {
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'bob',
      KAFKA_SASL_PASSWORD: bob,
    };
    const topic = await works(broker.login, { ...trusting(), ...login });
    const { cert, key } = broker.files;
    const own = { KAFKA_TLS_CERT_FILE: cert, KAFKA_TLS_KEY_FILE: key };
    await works(broker.mutual, { ...trusting(), ...own });
    // What asks for the settings of topics is a client of its own.
    const security = readKafkaSecurity({ ...trusting(), ...login }, [broker.login]);
    const quiet = { log: () => undefined, onUnreadable: () => undefined };
    const address = { ...{ brokers: [broker.login], clientId: 'x', security }, ...quiet };
    expect(await topicSettings(address, [topic])).toMatchObject([{ topic, replicas: 1 }]);
  });

  it('is whoever has the password that is in the file now', async () => {
    const env = { ...ada(), KAFKA_SASL_PASSWORD_FILE: broker.file('rotating', 'yesterday') };
    const security = readKafkaSecurity(env, [broker.login]);
    const again = () => connectKafka({ brokers: [broker.login], clientId: 'x', security });
    await expect(again()).rejects.toThrow('refuses the user ada');
    broker.file('rotating', broker.passwords.ada);
    await (await again()).close();
  });
});

const turnedAway: readonly [
  who: string,
  at: 'login' | 'mutual' | 'plain',
  env: () => Environment,
  says: RegExp,
][] = [
  [
    'a wrong password',
    'login',
    () => ({ ...ada(), KAFKA_SASL_PASSWORD_FILE: broker.file('wrong', 'S3cretMark') }),
    /refuses the user ada \(SASL scram-sha-512\); correct KAFKA_SASL_USERNAME, or the password in KAFKA_SASL_PASSWORD_FILE/,
  ],
  [
    'a wrong password with PLAIN',
    'login',
    () => ({
      ...trusting(),
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'bob',
      KAFKA_SASL_PASSWORD: 'S3cretMark',
    }),
    /refuses the user bob \(SASL plain\)/,
  ],
  [
    'a mechanism that the listener has not',
    'login',
    () => ({ ...ada(), KAFKA_SASL_MECHANISM: 'scram-sha-256' }),
    /takes no SASL scram-sha-256; set KAFKA_SASL_MECHANISM/,
  ],
  [
    'no login at all',
    'login',
    () => trusting(),
    /closes the connection .* wants a login; set KAFKA_SASL_MECHANISM/,
  ],
  ['no TLS', 'login', () => ({}), /speaks TLS, and KAFKA_TLS is not set; set KAFKA_TLS=true/],
  [
    'another authority',
    'login',
    () => ({
      ...ada(),
      KAFKA_TLS_CA_FILE: broker.file('other.pem', makeAuthority('Another').cert),
    }),
    /issued by "Authority of the test", .*; name a file with .* in KAFKA_TLS_CA_FILE/,
  ],
  [
    'another name in mind',
    'login',
    () => ({ ...ada(), KAFKA_TLS_SERVER_NAME: 'broker.example' }),
    /is for localhost, 127\.0\.0\.1, not for broker\.example; name the server in KAFKA_BROKERS/,
  ],
  [
    'no certificate where one is wanted',
    'mutual',
    () => trusting(),
    /wants a certificate of the client .*; name one and its key in KAFKA_TLS_CERT_FILE/,
  ],
  ['TLS where there is none', 'plain', () => trusting(), /speaks no TLS; name the port/],
  [
    'a login where there is none',
    'plain',
    () => ({ ...ada(), KAFKA_TLS: '', KAFKA_TLS_CA_FILE: '' }),
    /takes no login|takes no SASL/,
  ],
];
describe('who is turned away is told why, without the password', () => {
  it.each(turnedAway)('with %s', async (_who, at, env, says) => {
    const error = await connect(broker[at], env()).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(UnreachableError);
    expect((error as Error).message).toMatch(says);
    const all = [(error as Error).stack, JSON.stringify(error), ...said].join('\n');
    for (const secret of ['S3cretMark', ...Object.values(broker.passwords)]) {
      expect(all).not.toContain(secret);
    }
  });
});

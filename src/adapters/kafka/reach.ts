// Whether a Kafka cluster answers at an address, asked once before everything else, and one sentence
// about why not: nothing there, something else, a certificate, a login. Never repeats a secret.

import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { splitAddress } from '../../connections/address.js';
import { lookAtTls, lookOf, type Problem, type TlsSeen } from '../../connections/look-at-tls.js';
import { BadInputError, UnreachableError } from '../../errors.js';
import { connectTimeoutMs, reachWithinMs } from '../../limits.js';
import {
  connectCluster,
  createClient,
  kafkaErrorNames,
  messageOf,
  type KafkaAddress,
  type KafkaClient,
} from './client.js';
import { within } from './link.js';

const addressPattern = /^[^\s:/@]+:(\d{1,5})$/;
const portMax = 65_535;
/** A broker that has just started may not know its cluster yet. */
const reachRetriesMax = 3;
const reachRetryMs = 300;

/** Asking again changes nothing: the login … */
const loginRefusals = new Set(['KafkaJSSASLAuthenticationError', 'UNSUPPORTED_SASL_MECHANISM']);
/** … and Node's words for a certificate, or no TLS at all. */
const tlsRefusals = /^(ERR_(SSL|TLS)_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO)/;

/** Throws unless a Kafka cluster answers at the address. */
export async function reach(address: KafkaAddress): Promise<void> {
  const { brokers } = address;
  const listed = brokers.join(',');
  const wrong = brokers.find((broker) => !isAddress(broker));
  if (brokers.length === 0 || wrong !== undefined) {
    throw new BadInputError(
      `KAFKA_BROKERS: "${wrong ?? ''}" is not an address; use host:port,host:port with ports 1 to ${portMax}`,
      {
        field: 'KAFKA_BROKERS',
        found: wrong ?? '',
        allowed: `host:port,host:port with ports 1 to ${portMax}`,
      },
    );
  }
  const answers = await Promise.all(brokers.map(accepts));
  if (answers.every((error) => error !== undefined)) {
    throw new UnreachableError(
      'Kafka',
      `KAFKA_BROKERS: nothing answers at ${listed} (${answers[0]?.message ?? ''}); start Kafka there or correct the variable`,
      answers[0],
    );
  }
  const client = createClient(address, reachWithinMs);
  try {
    const asked = askWhoTheyAre(client);
    await within(asked, reachWithinMs, () => new Error(`no answer within ${reachWithinMs} ms`));
  } catch (error) {
    const answering = brokers.find((_, index) => answers[index] === undefined) ?? '';
    const problem = await problemOf(address, answering, error);
    if (problem !== undefined) {
      throw new UnreachableError('Kafka', `KAFKA_BROKERS: ${problem.found}`, error, problem.mend);
    }
    throw new UnreachableError(
      'Kafka',
      `KAFKA_BROKERS: something listens at ${listed} but does not answer as Kafka does (${messageOf(error)}); check that the variable names Kafka's own port, and that its advertised addresses can be reached from here`,
      error,
    );
  } finally {
    client.kill();
  }
}

function isAddress(broker: string): boolean {
  const port = Number(addressPattern.exec(broker)?.[1] ?? 0);
  return port >= 1 && port <= portMax;
}

/** Until a broker says who they are, and the controller answers where they say that it is. */
async function askWhoTheyAre(client: KafkaClient): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const cluster = await connectCluster(client);
      await cluster.refreshMetadata();
      await cluster.findControllerBroker();
      return;
    } catch (error) {
      if (attempt >= reachRetriesMax || isLoginRefused(error) || isTlsRefused(error)) throw error;
      await sleep(reachRetryMs);
    }
  }
}

/** Undefined when a TCP connection comes up. */
function accepts(broker: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(splitAddress(broker));
    const done = (error?: Error) => {
      socket.destroy();
      resolve(error);
    };
    socket.setTimeout(connectTimeoutMs, () => done(new Error('timed out')));
    socket.once('connect', () => done());
    socket.once('error', done);
  });
}

function isLoginRefused(error: unknown): boolean {
  return kafkaErrorNames(error).some((name) => loginRefusals.has(name));
}

function isTlsRefused(error: unknown): boolean {
  for (let one = error, depth = 0; one instanceof Error && depth < 8; one = one.cause, depth += 1) {
    const { code } = one as { code?: unknown };
    if (typeof code === 'string' && tlsRefusals.test(code)) return true;
  }
  return false;
}

/** What is wrong with TLS or the login, seen from outside; undefined when it is something else. */
async function problemOf(
  { security = {} }: KafkaAddress,
  broker: string,
  error: unknown,
): Promise<Problem | undefined> {
  const { tls, sasl } = security;
  if (sasl !== undefined && kafkaErrorNames(error).includes('UNSUPPORTED_SASL_MECHANISM')) {
    return {
      found: `${broker} takes no SASL ${sasl.mechanism}`,
      mend: 'set KAFKA_SASL_MECHANISM to one that its listener has',
    };
  }
  if (sasl !== undefined && isLoginRefused(error)) {
    const { mechanism, username, password } = sasl;
    return {
      found: `${broker} refuses the user ${username} (SASL ${mechanism})`,
      mend: `correct KAFKA_SASL_USERNAME, or the password in ${password.from}`,
    };
  }
  const seen = await lookAtTls(
    tls === undefined
      ? lookOf(broker, 'KAFKA_BROKERS', { prefix: 'KAFKA_TLS' })
      : lookOf(broker, 'KAFKA_BROKERS', tls),
  );
  return problemSeen(security, broker, seen, error);
}

/** Apart from the login: what the look at TLS explains. */
function problemSeen(
  { tls, sasl }: NonNullable<KafkaAddress['security']>,
  broker: string,
  seen: TlsSeen,
  error: unknown,
): Problem | undefined {
  const speaksTls = seen.kind === 'trusted' || seen.kind === 'wrong';
  if (tls === undefined && speaksTls) {
    return {
      found: `${broker} speaks TLS, and KAFKA_TLS is not set`,
      mend: 'set KAFKA_TLS=true, and KAFKA_TLS_CA_FILE unless a public authority issued its certificate',
    };
  }
  if (tls !== undefined && seen.kind === 'wrong') return seen.problem;
  if (tls !== undefined && seen.kind === 'plain') {
    return {
      found: `KAFKA_TLS is true, and ${broker} speaks no TLS`,
      mend: 'name the port of its TLS listener in KAFKA_BROKERS, or remove KAFKA_TLS',
    };
  }
  const isClosed = kafkaErrorNames(error).includes('KafkaJSConnectionClosedError');
  if (sasl === undefined && isClosed && (tls === undefined || seen.kind === 'trusted')) {
    return {
      found: `${broker} closes the connection instead of answering, as a listener does that wants a login`,
      mend: 'set KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD_FILE, if it is Kafka',
    };
  }
  if (sasl !== undefined && kafkaErrorNames(error).includes('ILLEGAL_SASL_STATE')) {
    return {
      found: `${broker} takes no login, and KAFKA_SASL_MECHANISM is set`,
      mend: 'remove KAFKA_SASL_MECHANISM, or name the port of its SASL listener in KAFKA_BROKERS',
    };
  }
  return undefined;
}

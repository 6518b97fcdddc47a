// How Kafka is spoken to: TLS, and who we are. Read from the environment and checked here; applied by
// src/adapters/kafka/client.ts and nowhere else.

import { z } from 'zod';
import { isThisMachine } from './address.js';
import { secretOf, type Secret } from './secret.js';
import { tlsOf, type TlsSettings } from './tls.js';
import { refused, valueOf, type ConnectionVariable, type Environment } from './variables.js';

export type SaslMechanism = z.output<typeof mechanism>;

export interface KafkaSasl {
  readonly mechanism: SaslMechanism;
  readonly username: string;
  readonly password: Secret;
}

export interface KafkaSecurity {
  readonly tls?: TlsSettings | undefined;
  readonly sasl?: KafkaSasl | undefined;
}

const mechanism = z
  .string()
  .transform((text) => text.toLowerCase())
  .pipe(z.enum(['plain', 'scram-sha-256', 'scram-sha-512']));

/** Throws BadInputError with one sentence. `brokers`: who must not be told a name in the clear. */
export function readKafkaSecurity(env: Environment, brokers: readonly string[]): KafkaSecurity {
  const tls = tlsOf(env, 'KAFKA_TLS');
  const sasl = saslOf(env);
  const plaintext = valueOf(env, 'KAFKA_SASL_PLAINTEXT');
  if (plaintext !== undefined && plaintext !== 'allow') {
    throw refused('KAFKA_SASL_PLAINTEXT', `is "${plaintext.slice(0, 40)}"`);
  }
  const far = brokers.find((broker) => !isThisMachine(broker));
  if (sasl !== undefined && tls === undefined && far !== undefined && plaintext === undefined) {
    throw refused(
      'KAFKA_SASL_MECHANISM',
      `is set without KAFKA_TLS, and ${far} is another machine: whoever listens could take the password`,
      'set KAFKA_TLS=true, or KAFKA_SASL_PLAINTEXT=allow where the network itself is encrypted',
    );
  }
  return { tls, sasl };
}

function saslOf(env: Environment): KafkaSasl | undefined {
  const name = valueOf(env, 'KAFKA_SASL_MECHANISM');
  const username = valueOf(env, 'KAFKA_SASL_USERNAME');
  const password = secretOf(env, 'KAFKA_SASL_PASSWORD');
  if (name === undefined) {
    if (username === undefined && password === undefined) return undefined;
    const alone: ConnectionVariable =
      username === undefined ? passwordVariable(env) : 'KAFKA_SASL_USERNAME';
    throw refused(
      alone,
      'is set without KAFKA_SASL_MECHANISM',
      'set the mechanism: plain, scram-sha-256 or scram-sha-512',
    );
  }
  const known = mechanism.safeParse(name);
  if (!known.success) throw refused('KAFKA_SASL_MECHANISM', `is "${name.slice(0, 40)}"`);
  if (username === undefined) {
    throw refused(
      'KAFKA_SASL_MECHANISM',
      'is set without KAFKA_SASL_USERNAME',
      'say who connects, or remove the mechanism',
    );
  }
  if (password === undefined) {
    throw refused(
      'KAFKA_SASL_USERNAME',
      'is set without a password',
      'name a file with it in KAFKA_SASL_PASSWORD_FILE',
    );
  }
  return { mechanism: known.data, username, password };
}

function passwordVariable(env: Environment): ConnectionVariable {
  const inFile = valueOf(env, 'KAFKA_SASL_PASSWORD_FILE') !== undefined;
  return inFile ? 'KAFKA_SASL_PASSWORD_FILE' : 'KAFKA_SASL_PASSWORD';
}

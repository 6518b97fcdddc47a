// The environment variables that secure the connections to Kafka, Temporal, MongoDB and Prometheus: their names,
// what each must look like, which are secret, and the one way to refuse one. Never shows a value that
// is secret, and opens nothing.

import { BadInputError } from '../errors.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const pemFile = 'the path of a file in PEM';
const yesOrNo = 'true or false';

/** What each variable must look like, for people. */
const allowed = {
  KAFKA_TLS: yesOrNo,
  KAFKA_TLS_CA_FILE: pemFile,
  KAFKA_TLS_CERT_FILE: pemFile,
  KAFKA_TLS_KEY_FILE: pemFile,
  KAFKA_TLS_SERVER_NAME: 'the DNS name in the certificate of the brokers',
  KAFKA_SASL_MECHANISM: 'plain, scram-sha-256 or scram-sha-512',
  KAFKA_SASL_USERNAME: 'the name of a user',
  KAFKA_SASL_PASSWORD: 'the password of that user',
  KAFKA_SASL_PASSWORD_FILE: 'the path of a file whose content is the password',
  KAFKA_SASL_PLAINTEXT: 'allow, or not set',
  TEMPORAL_TLS: yesOrNo,
  TEMPORAL_TLS_CA_FILE: pemFile,
  TEMPORAL_TLS_CERT_FILE: pemFile,
  TEMPORAL_TLS_KEY_FILE: pemFile,
  TEMPORAL_TLS_SERVER_NAME: 'the DNS name in the certificate of the server',
  TEMPORAL_API_KEY: 'an API key',
  TEMPORAL_API_KEY_FILE: 'the path of a file whose content is an API key',
  TEMPORAL_API_KEY_PLAINTEXT: 'allow, or not set',
  MONGODB_URI: 'mongodb://host:port or mongodb+srv://host',
  MONGODB_URI_FILE: 'the path of a file whose content is the URI',
  MONGODB_TLS_CA_FILE: pemFile,
  PROMETHEUS_URL: 'http://host:9090 or https://host/path, without user, password, query or #',
  PROMETHEUS_TOKEN: 'a bearer token',
  PROMETHEUS_TOKEN_FILE: 'the path of a file whose content is a bearer token',
  PROMETHEUS_USERNAME: 'the name of a user',
  PROMETHEUS_PASSWORD: 'the password of that user',
  PROMETHEUS_PASSWORD_FILE: 'the path of a file whose content is the password',
  PROMETHEUS_PLAINTEXT: 'allow, or not set',
  PROMETHEUS_TLS: yesOrNo,
  PROMETHEUS_TLS_CA_FILE: pemFile,
  PROMETHEUS_TLS_CERT_FILE: pemFile,
  PROMETHEUS_TLS_KEY_FILE: pemFile,
  PROMETHEUS_TLS_SERVER_NAME: 'the DNS name in the certificate of the server',
} as const;

export type ConnectionVariable = keyof typeof allowed;

export const connectionVariables = Object.keys(allowed) as readonly ConnectionVariable[];

/** Their values are in no log, error, record, history or answer. */
export const secretVariables: readonly ConnectionVariable[] = [
  'KAFKA_SASL_PASSWORD',
  'TEMPORAL_API_KEY',
  'MONGODB_URI',
  'PROMETHEUS_TOKEN',
  'PROMETHEUS_PASSWORD',
];

/** What a process that is started from this one needs in order to connect as this one does. */
export function connectionEnv(env: Environment): Record<string, string> {
  const given: Record<string, string> = {};
  for (const name of connectionVariables) {
    const value = valueOf(env, name);
    if (value !== undefined) given[name] = value;
  }
  return given;
}

/** An empty variable is an absent one. */
export function valueOf(env: Environment, name: ConnectionVariable): string | undefined {
  return env[name] || undefined;
}

/** `what` says what is wrong with the variable, without its value when that is secret. */
export function refused(name: ConnectionVariable, what: string, mend?: string): BadInputError {
  return new BadInputError(`${name} ${what}; ${mend ?? `it must be ${allowed[name]}`}`, {
    field: name,
    allowed: allowed[name],
  });
}

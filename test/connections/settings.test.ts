// What the variables may say, what contradicts itself, and that no refusal shows a secret.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readKafkaSecurity } from '../../src/connections/kafka.js';
import { readMongoAccess } from '../../src/connections/mongo.js';
import { readTemporalSecurity } from '../../src/connections/temporal.js';
import { connectionEnv, type Environment } from '../../src/connections/variables.js';
import { BadInputError } from '../../src/errors.js';
import { makeAuthority } from '../support/certificates.js';

const dir = mkdtempSync(join(tmpdir(), 'connections-'));
afterAll(() => rmSync(dir, { recursive: true }));
const mark = 'S3cretMark';
const file = (name: string, content: string): string => {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
};

const authority = makeAuthority('Our authority');
const [one, two] = [authority.issue({ name: 'one' }), authority.issue({ name: 'two' })];
const locked = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  ...{ type: 'pkcs8', format: 'pem' },
  ...{ cipher: 'aes-256-cbc', passphrase: 'x' },
});
const ca = file('ca.pem', authority.cert);
const cert = file('cert.pem', one.cert);
const key = file('key.pem', one.key);
const password = file('password', `${mark}\n`);
const empty = file('empty', '\n');
const unreadable = file('unreadable', mark);
chmodSync(unreadable, 0);
const far = 'broker.example:9093';

const kafka = (env: Environment, broker = far) => readKafkaSecurity(env, [broker]);
const temporal = (env: Environment, address = 'temporal.example:7233') =>
  readTemporalSecurity(env, address);

function refusal(read: () => unknown): BadInputError {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(BadInputError);
    const said = `${(error as Error).message} ${JSON.stringify(error)} ${String((error as Error).cause)}`;
    expect(said).not.toContain(mark);
    return error as BadInputError;
  }
  throw new Error('it was taken');
}

const tls = { KAFKA_TLS: 'true' };
const login = {
  KAFKA_SASL_MECHANISM: 'scram-sha-512',
  KAFKA_SASL_USERNAME: 'ada',
  KAFKA_SASL_PASSWORD_FILE: password,
};

describe('settings that belong together', () => {
  it('are nothing at all, TLS alone, mutual TLS, and a login in any case of letters', () => {
    expect(kafka({})).toEqual({ tls: undefined, sasl: undefined });
    expect(kafka({ KAFKA_TLS: 'false' }).tls).toBeUndefined();
    expect(kafka(tls).tls).toMatchObject({ prefix: 'KAFKA_TLS', caFile: undefined });
    const files = { KAFKA_TLS_CA_FILE: ca, KAFKA_TLS_CERT_FILE: cert, KAFKA_TLS_KEY_FILE: key };
    const named = { ...tls, ...files, KAFKA_TLS_SERVER_NAME: 'broker.example' };
    expect(kafka(named).tls).toEqual({
      ...{ prefix: 'KAFKA_TLS', caFile: ca, certFile: cert, keyFile: key },
      serverName: 'broker.example',
    });
    const { sasl } = kafka({ ...tls, ...login, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512' });
    expect(sasl).toMatchObject({ mechanism: 'scram-sha-512', username: 'ada' });
    expect(sasl?.password.read()).toBe(mark);
  });

  it('take an empty variable for an absent one', () => {
    const blank = Object.fromEntries(Object.keys({ ...tls, ...login }).map((name) => [name, '']));
    expect(kafka(blank)).toEqual({ tls: undefined, sasl: undefined });
  });

  it('show the password to nobody who prints them', () => {
    expect(JSON.stringify(kafka({ ...tls, ...login }))).not.toContain(mark);
    const { apiKey } = temporal({ TEMPORAL_TLS: 'true', TEMPORAL_API_KEY: mark });
    expect(JSON.stringify(apiKey)).not.toContain(mark);
    expect(apiKey?.read()).toBe(mark);
  });

  it('read a rotated file again', () => {
    const rotated = file('rotated', 'old\n');
    const { sasl } = kafka({ ...tls, ...login, KAFKA_SASL_PASSWORD_FILE: rotated });
    file('rotated', 'new\r\n');
    expect(sasl?.password.read()).toBe('new');
    file('rotated', '');
    expect(refusal(() => sasl?.password.read()).message).toContain('which is empty');
  });

  it('send a login in the clear only to this machine, or where that is allowed', () => {
    for (const near of ['127.0.0.1:9092', 'localhost:9092', '[::1]:9092']) {
      expect(kafka(login, near).sasl?.username).toBe('ada');
    }
    expect(kafka({ ...login, KAFKA_SASL_PLAINTEXT: 'allow' }).sasl?.username).toBe('ada');
    expect(temporal({ TEMPORAL_API_KEY: mark }, '127.0.0.1:7233').apiKey?.read()).toBe(mark);
    const allowed = { TEMPORAL_API_KEY: mark, TEMPORAL_API_KEY_PLAINTEXT: 'allow' };
    expect(temporal(allowed).apiKey?.from).toBe('TEMPORAL_API_KEY');
  });

  it('go to a process that is started, and nothing else does', () => {
    const env = { ...tls, ...login, MONGODB_URI_FILE: password, PATH: '/bin', KAFKA_BROKERS: far };
    expect(connectionEnv(env)).toEqual({ ...tls, ...login, MONGODB_URI_FILE: password });
  });
});

const kafkaRefusals: readonly [what: string, env: Environment, field: string, says: RegExp][] = [
  ['a word that is neither true nor false', { KAFKA_TLS: 'yes' }, 'KAFKA_TLS', /true or false/],
  ['files without TLS', { KAFKA_TLS_CA_FILE: ca }, 'KAFKA_TLS_CA_FILE', /nothing would be encr/],
  [
    'files with TLS off',
    { KAFKA_TLS: 'false', KAFKA_TLS_CA_FILE: ca },
    'KAFKA_TLS_CA_FILE',
    /KAFKA_TLS is false/,
  ],
  [
    'a certificate without key',
    { ...tls, KAFKA_TLS_CERT_FILE: cert },
    'KAFKA_TLS_CERT_FILE',
    /both/,
  ],
  ['a key without certificate', { ...tls, KAFKA_TLS_KEY_FILE: key }, 'KAFKA_TLS_KEY_FILE', /both/],
  [
    'the key of another certificate',
    { ...tls, KAFKA_TLS_CERT_FILE: file('two.pem', two.cert), KAFKA_TLS_KEY_FILE: key },
    'KAFKA_TLS_KEY_FILE',
    /not the key of the certificate/,
  ],
  [
    'a key with a passphrase',
    { ...tls, KAFKA_TLS_CERT_FILE: cert, KAFKA_TLS_KEY_FILE: file('locked', String(locked)) },
    'KAFKA_TLS_KEY_FILE',
    /passphrase/,
  ],
  [
    'a key that is none',
    { ...tls, KAFKA_TLS_CERT_FILE: cert, KAFKA_TLS_KEY_FILE: password },
    'KAFKA_TLS_KEY_FILE',
    /no private key/,
  ],
  ['no certificate', { ...tls, KAFKA_TLS_CA_FILE: password }, 'KAFKA_TLS_CA_FILE', /in PEM/],
  ['no file', { ...tls, KAFKA_TLS_CA_FILE: '/no/such' }, 'KAFKA_TLS_CA_FILE', /does not exist/],
  ['a directory', { ...tls, KAFKA_TLS_CA_FILE: dir }, 'KAFKA_TLS_CA_FILE', /is a directory/],
  [
    'an address as name',
    { ...tls, KAFKA_TLS_SERVER_NAME: '10.0.0.1' },
    'KAFKA_TLS_SERVER_NAME',
    /DNS/,
  ],
  ['a login in the clear', login, 'KAFKA_SASL_MECHANISM', /KAFKA_SASL_PLAINTEXT=allow/],
  ['another permission', { ...tls, KAFKA_SASL_PLAINTEXT: 'yes' }, 'KAFKA_SASL_PLAINTEXT', /allow/],
  [
    'an unknown mechanism',
    { ...tls, ...login, KAFKA_SASL_MECHANISM: 'gssapi' },
    'KAFKA_SASL_MECHANISM',
    /plain, scram-sha-256 or scram-sha-512/,
  ],
  [
    'a user without mechanism',
    { ...tls, ...login, KAFKA_SASL_MECHANISM: '' },
    'KAFKA_SASL_USERNAME',
    /without KAFKA_SASL_MECHANISM/,
  ],
  [
    'a password alone',
    { ...tls, KAFKA_SASL_PASSWORD: mark },
    'KAFKA_SASL_PASSWORD',
    /without KAFKA_SASL_MECHANISM/,
  ],
  [
    'nobody who logs in',
    { ...tls, ...login, KAFKA_SASL_USERNAME: '' },
    'KAFKA_SASL_MECHANISM',
    /without KAFKA_SASL_USERNAME/,
  ],
  [
    'no password',
    { ...tls, ...login, KAFKA_SASL_PASSWORD_FILE: '' },
    'KAFKA_SASL_USERNAME',
    /without a password/,
  ],
  [
    'two passwords',
    { ...tls, ...login, KAFKA_SASL_PASSWORD: mark },
    'KAFKA_SASL_PASSWORD_FILE',
    /both set/,
  ],
  [
    'an empty secret',
    { ...tls, ...login, KAFKA_SASL_PASSWORD_FILE: empty },
    'KAFKA_SASL_PASSWORD_FILE',
    /empty/,
  ],
  ['a blank secret', { KAFKA_SASL_PASSWORD: '  ' }, 'KAFKA_SASL_PASSWORD', /blank/],
];
it.each(kafkaRefusals)('Kafka is not spoken to with %s', (_what, env, field, says) => {
  const error = refusal(() => kafka(env));
  expect(error.field).toBe(field);
  expect(error.message).toMatch(says);
});

it.runIf(process.getuid?.() !== 0)('a file that may not be read is said to be so', () => {
  const env = { ...tls, ...login, KAFKA_SASL_PASSWORD_FILE: unreadable };
  expect(refusal(() => kafka(env)).message).toContain('may not read');
});

const temporalRefusals: readonly [env: Environment, field: string, says: RegExp][] = [
  [{ TEMPORAL_TLS: '1' }, 'TEMPORAL_TLS', /true or false/],
  [{ TEMPORAL_TLS_SERVER_NAME: 'x' }, 'TEMPORAL_TLS_SERVER_NAME', /TEMPORAL_TLS is not set/],
  [{ TEMPORAL_API_KEY: mark }, 'TEMPORAL_API_KEY', /set TEMPORAL_TLS=true/],
  [{ TEMPORAL_API_KEY_FILE: password }, 'TEMPORAL_API_KEY_FILE', /set TEMPORAL_TLS=true/],
  [{ TEMPORAL_TLS: 'true', TEMPORAL_API_KEY_FILE: empty }, 'TEMPORAL_API_KEY_FILE', /empty/],
  [{ TEMPORAL_API_KEY_PLAINTEXT: 'no' }, 'TEMPORAL_API_KEY_PLAINTEXT', /allow/],
];
it.each(temporalRefusals)('Temporal is not spoken to with %o', (env, field, says) => {
  const error = refusal(() => temporal(env));
  expect(error.field).toBe(field);
  expect(error.message).toMatch(says);
});

const mongoRefusals: readonly [env: Environment, field: string, says: RegExp][] = [
  [{ MONGODB_URI: `http://ada:${mark}@x` }, 'MONGODB_URI', /mongodb:\/\//],
  [{ MONGODB_URI_FILE: password }, 'MONGODB_URI_FILE', /mongodb:\/\//],
  [{ MONGODB_URI: `mongodb://x`, MONGODB_URI_FILE: password }, 'MONGODB_URI_FILE', /both set/],
  [{ MONGODB_TLS_CA_FILE: '/no/such' }, 'MONGODB_TLS_CA_FILE', /does not exist/],
  [
    { MONGODB_URI: `mongodb://ada:${mark}@x/?tls=false`, MONGODB_TLS_CA_FILE: ca },
    'MONGODB_TLS_CA_FILE',
    /tls=false/,
  ],
];
it.each(mongoRefusals)('MongoDB is not spoken to with %o', (env, field, says) => {
  const error = refusal(() => readMongoAccess(env));
  expect(error.field).toBe(field);
  expect(error.message).toMatch(says);
});

it('MongoDB is where the variable or the file says, or nowhere', () => {
  expect(readMongoAccess({})).toBeUndefined();
  const uri = file('uri', `mongodb://ada:${mark}@db.example/\n`);
  const access = readMongoAccess({ MONGODB_URI_FILE: uri, MONGODB_TLS_CA_FILE: ca });
  expect(access?.uri.read()).toBe(`mongodb://ada:${mark}@db.example/`);
  expect(access?.caFile).toBe(ca);
});

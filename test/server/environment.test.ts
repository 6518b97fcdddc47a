// The settings of both server processes: what is wrong is one sentence that names it.

import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../src/errors.js';
import { readDirectorySettings, readInstanceSettings } from '../../src/server/environment.js';
import { generateKeys } from '../../src/server/keys.js';

const keys = await generateKeys();
const common = {
  EVENKEEL_SERVICE: 'messaging',
  EVENKEEL_PARTITIONS: '360',
  EVENKEEL_PORT: '9001',
  EVENKEEL_PROBE_PORT: '9002',
  KAFKA_BROKERS: '127.0.0.1:9092, 127.0.0.1:9093',
  MONGODB_URI: 'mongodb://user:hunter2@127.0.0.1:27017',
};
const instance = {
  ...common,
  EVENKEEL_INSTANCE: 'messaging-2',
  EVENKEEL_URL: 'ws://127.0.0.1:9001',
  EVENKEEL_JWKS: JSON.stringify(keys.jwks),
};
const directory = {
  ...common,
  EVENKEEL_DIRECTORY_KEY: 'a-key-of-sixteen-or-more',
  EVENKEEL_SIGNING_JWK: JSON.stringify(keys.signingJwk),
};

function refusal(read: () => unknown): BadInputError {
  try {
    read();
  } catch (error) {
    if (error instanceof BadInputError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('the environment of an instance', () => {
  it('becomes typed settings', () => {
    expect(readInstanceSettings(instance)).toMatchObject({
      service: 'messaging',
      name: 'messaging-2',
      ordinal: 2,
      partitions: 360,
      port: 9001,
      probePort: 9002,
      url: 'ws://127.0.0.1:9001',
      brokers: ['127.0.0.1:9092', '127.0.0.1:9093'],
      jwks: keys.jwks,
    });
  });

  const wrong: [keyof typeof instance, string | undefined, RegExp][] = [
    ['EVENKEEL_SERVICE', 'Messaging!', /lower case/],
    ['EVENKEEL_INSTANCE', 'messaging', /messaging-2/],
    ['EVENKEEL_INSTANCE', 'other-2', /messaging-2/],
    ['EVENKEEL_PARTITIONS', '0', /from 1 to 20000/],
    ['EVENKEEL_PARTITIONS', '', /not set/],
    ['EVENKEEL_PORT', 'http', /port number/],
    ['EVENKEEL_PORT', '70000', /port number/],
    ['EVENKEEL_URL', 'http://x', /ws:\/\//],
    ['EVENKEEL_JWKS', '{}', /public keys/],
    ['EVENKEEL_JWKS', '/no/such/file', /cannot be read/],
    ['EVENKEEL_JWKS', '{"keys":', /no JSON/],
    ['EVENKEEL_JWKS', JSON.stringify({ keys: [keys.signingJwk] }), /private key/],
    ['KAFKA_BROKERS', undefined, /not set/],
    ['MONGODB_URI', 'http://user:hunter2@x', /mongodb:\/\//],
  ];
  for (const [name, value, words] of wrong) {
    it(`refuses ${name} "${value?.slice(0, 20) ?? ''}" in one sentence that names it`, () => {
      const error = refusal(() => readInstanceSettings({ ...instance, [name]: value }));
      expect(error.message).toMatch(words);
      expect(error.message).toContain(name);
      expect(error.message).not.toContain('hunter2');
      expect(error.message).not.toContain('\n');
    });
  }
});

describe('the environment of a directory', () => {
  it('becomes typed settings', () => {
    expect(readDirectorySettings(directory)).toMatchObject({
      key: directory.EVENKEEL_DIRECTORY_KEY,
      signingJwk: keys.signingJwk,
    });
  });

  it('refuses a short key and a public signing key, quoting neither', () => {
    const short = refusal(() =>
      readDirectorySettings({ ...directory, EVENKEEL_DIRECTORY_KEY: 'hunter2' }),
    );
    expect(short.message).toMatch(/EVENKEEL_DIRECTORY_KEY/);
    expect(short.message + (short.found ?? '')).not.toContain('hunter2');
    const [publicKey] = keys.jwks.keys;
    const error = refusal(() =>
      readDirectorySettings({ ...directory, EVENKEEL_SIGNING_JWK: JSON.stringify(publicKey) }),
    );
    expect(error.message).toMatch(/EVENKEEL_SIGNING_JWK/);
  });
});

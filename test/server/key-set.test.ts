// The files and lists that an instance is told to trust: keys, followed as they change, and origins.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { followKeySet, readKeySet } from '../../src/server/key-set.js';
import { generateKeys } from '../../src/server/keys.js';
import { readOrigins } from '../../src/server/origins.js';
import { eventually } from '../support/eventually.js';

describe('a file with keys', () => {
  it('is read again: a change counts, a broken file changes nothing and is said once', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'evenkeel-keys-'));
    const path = join(directory, 'jwks.json');
    const [a, b] = [await generateKeys(), await generateKeys()];
    writeFileSync(path, JSON.stringify(a.jwks));
    const told: unknown[] = [];
    const source = followKeySet(path, (change) => told.push(change), 5);
    expect(source.current().keys).toHaveLength(1);
    const both = [...a.jwks.keys, ...b.jwks.keys];
    writeFileSync(path, JSON.stringify({ keys: both }));
    await eventually('both count', () => source.current().keys.length === 2);
    expect(told).toEqual([{ kids: both.map(({ kid }) => kid) }]);
    writeFileSync(path, '{"keys":');
    await eventually('it is said', () => told.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual({ error: expect.stringContaining('no JSON') as string });
    expect(source.current().keys).toHaveLength(2);
    writeFileSync(path, JSON.stringify(b.jwks));
    await eventually('the old one is revoked', () => source.current().keys.length === 1);
    source.close();
    rmSync(directory, { recursive: true });
  });

  it('holds public keys only, each with a name of its own when there are several', async () => {
    const { signingJwk, jwks } = await generateKeys();
    const [key] = jwks.keys;
    const refused: [unknown, RegExp][] = [
      [{ keys: [signingJwk] }, /private key/],
      [{ keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }, /private key/],
      [{ keys: [key, key] }, /"kid" of their own/],
      [{ keys: [key, { ...key, kid: undefined }] }, /"kid" of their own/],
      [{ keys: [] }, /without "keys"/],
      [[], /cannot be read/],
    ];
    for (const [set, words] of refused) {
      expect(() => readKeySet(JSON.stringify(set))).toThrow(words);
    }
    expect(readKeySet(JSON.stringify({ keys: [{ ...key, kid: undefined }] })).keys).toHaveLength(1);
  });
});

describe('a list of origins', () => {
  it('is origins as browsers write them, or a star', () => {
    expect(readOrigins('*')).toBeUndefined();
    expect(readOrigins('https://a.example, http://b.example:8080')).toEqual([
      ...['https://a.example', 'http://b.example:8080'],
    ]);
    for (const bad of ['', ',', 'a.example', 'https://a.example/', 'HTTPS://A.example', 'null']) {
      expect(() => readOrigins(bad), bad).toThrow(/EVENKEEL_ORIGINS/);
    }
  });
});

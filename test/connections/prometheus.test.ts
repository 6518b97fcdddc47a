// Where Prometheus is, and who asks: what the variables may say, and that no refusal shows a secret.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPrometheusAccess } from '../../src/connections/prometheus.js';
import type { Environment } from '../../src/connections/variables.js';
import { BadInputError } from '../../src/errors.js';

const mark = 'S3cretMark';
const dir = mkdtempSync(join(tmpdir(), 'prometheus-access-'));
afterAll(() => rmSync(dir, { recursive: true }));
const tokenFile = join(dir, 'token');
writeFileSync(tokenFile, `${mark}\n`);

const near = { PROMETHEUS_URL: 'http://127.0.0.1:9090/' };
const far = { PROMETHEUS_URL: 'http://prometheus.monitoring:9090' };

function refusal(env: Environment): string {
  try {
    readPrometheusAccess(env);
  } catch (error) {
    expect(error).toBeInstanceOf(BadInputError);
    expect(`${(error as Error).message} ${JSON.stringify(error)}`).not.toContain(mark);
    return (error as Error).message;
  }
  throw new Error('it was taken');
}

describe('Prometheus is', () => {
  it('nowhere, or where the URL says, without its last slash', () => {
    expect(readPrometheusAccess({})).toBeUndefined();
    expect(readPrometheusAccess({ PROMETHEUS_URL: '' })).toBeUndefined();
    expect(readPrometheusAccess(near)?.url).toBe('http://127.0.0.1:9090');
    expect(readPrometheusAccess({ PROMETHEUS_URL: 'https://a.example/mimir/prom/' })?.url).toBe(
      'https://a.example/mimir/prom',
    );
  });

  it('asked by nobody in particular, by a token, or by a user', () => {
    expect(readPrometheusAccess(far)?.login).toBeUndefined();
    const byToken = readPrometheusAccess({
      PROMETHEUS_URL: 'https://a.example',
      PROMETHEUS_TOKEN_FILE: tokenFile,
    })?.login;
    expect(byToken?.kind === 'token' && byToken.token.read()).toBe(mark);
    const user = { PROMETHEUS_USERNAME: 'ada', PROMETHEUS_PASSWORD: mark };
    const byUser = readPrometheusAccess({ ...near, ...user })?.login;
    expect(byUser).toMatchObject({ kind: 'password', username: 'ada' });
    expect(readPrometheusAccess({ ...far, ...user, PROMETHEUS_PLAINTEXT: 'allow' })?.login).toEqual(
      expect.objectContaining({ kind: 'password' }),
    );
    expect(JSON.stringify(byUser)).not.toContain(mark);
  });
});

describe('what contradicts itself is refused', () => {
  const user = { PROMETHEUS_USERNAME: 'ada', PROMETHEUS_PASSWORD: mark };
  it.each<[Environment, string]>([
    [{ PROMETHEUS_URL: `ftp://${mark}` }, 'PROMETHEUS_URL is no URL of a web server'],
    [{ PROMETHEUS_URL: mark }, 'PROMETHEUS_URL is no URL of a web server'],
    [
      { PROMETHEUS_URL: `http://ada:${mark}@127.0.0.1` },
      'PROMETHEUS_URL holds a user or a password; take them out, and set PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD_FILE',
    ],
    [{ PROMETHEUS_URL: `http://a/?x=${mark}` }, 'PROMETHEUS_URL holds a query or a fragment'],
    [{ PROMETHEUS_TOKEN: mark }, 'PROMETHEUS_TOKEN is set without PROMETHEUS_URL'],
    [{ PROMETHEUS_TLS: 'true' }, 'PROMETHEUS_TLS is set without PROMETHEUS_URL'],
    [
      { ...near, PROMETHEUS_TLS: 'true' },
      'PROMETHEUS_TLS is true, but PROMETHEUS_URL begins with http:',
    ],
    [
      { ...far, PROMETHEUS_TOKEN: mark },
      'PROMETHEUS_TOKEN is set, but PROMETHEUS_URL begins with http: and prometheus.monitoring:9090 is another machine',
    ],
    [{ ...far, ...user }, 'PROMETHEUS_PASSWORD is set, but PROMETHEUS_URL begins with http:'],
    [{ ...far, PROMETHEUS_PLAINTEXT: 'yes' }, 'PROMETHEUS_PLAINTEXT is "yes"'],
    [
      { ...near, PROMETHEUS_USERNAME: 'ada' },
      'PROMETHEUS_USERNAME is set without PROMETHEUS_PASSWORD_FILE',
    ],
    [
      { ...near, PROMETHEUS_PASSWORD: mark },
      'PROMETHEUS_PASSWORD is set without PROMETHEUS_USERNAME',
    ],
    [
      { ...near, ...user, PROMETHEUS_TOKEN_FILE: tokenFile },
      'PROMETHEUS_USERNAME and PROMETHEUS_TOKEN_FILE are both set; keep the token, or user and password',
    ],
    [
      { ...near, PROMETHEUS_TOKEN: mark, PROMETHEUS_TOKEN_FILE: tokenFile },
      'PROMETHEUS_TOKEN_FILE and PROMETHEUS_TOKEN are both set',
    ],
  ])('%j', (env, sentence) => expect(refusal(env)).toContain(sentence));
});

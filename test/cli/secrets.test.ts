// Marked secrets in all settings of the command line, and nothing that answers: what it then says has
// none of them.
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.js';

const mark = 'S3cretMark';
const nowhere = '127.0.0.1:1';
const env = {
  TEMPORAL_ADDRESS: nowhere,
  KAFKA_BROKERS: nowhere,
  MONGODB_URI: `mongodb://ada:${mark}@${nowhere}/?serverSelectionTimeoutMS=200`,
  EVENKEEL_SUPERVISOR_URL: `http://${nowhere}`,
  EVENKEEL_SUPERVISOR_TOKEN: mark,
  EVENKEEL_DIRECTORY_KEY: mark,
  EVENKEEL_DEBUG: '1',
};

async function said(argv: readonly string[], over: Readonly<Record<string, string>> = {}) {
  let text = '';
  const write = (more: string) => void (text += more);
  const code = await main([...argv], { out: write, err: write, env: { ...env, ...over } });
  return { code, text };
}

// Beside each other: each mostly waits for what does not answer.
describe('a command that fails says no secret', { concurrent: true }, () => {
  it(
    'when doctor tells how each service is spoken to, and by whom',
    { timeout: 90_000 },
    async () => {
      const { text } = await said(['doctor', 'chat', '--json'], {
        KAFKA_SASL_MECHANISM: 'plain',
        KAFKA_SASL_USERNAME: 'grace',
        KAFKA_SASL_PASSWORD: mark,
        TEMPORAL_API_KEY: mark,
      });
      expect(text).toContain('no TLS, SASL plain as grace, password from KAFKA_SASL_PASSWORD');
      expect(text).toContain('no TLS, API key from TEMPORAL_API_KEY');
      expect(text).toContain('no TLS, user ada, URI from MONGODB_URI');
      expect(text).not.toContain(mark);
      for (const args of [['doctor', '--help'], ['worker', '--help'], ['--help']]) {
        expect((await said(args, { TEMPORAL_API_KEY: mark })).text).not.toContain(mark);
      }
    },
  );

  it('when nothing answers', { timeout: 90_000 }, async () => {
    const { code, text } = await said(['history', 'chat']);
    expect(code).not.toBe(0);
    expect(text).toContain('MONGODB_URI');
    expect(text).not.toContain(mark);
  });

  it.each([
    ['keys that are none', { EVENKEEL_PAYLOAD_KEYS: `k:${mark}` }],
    ['keys without an id', { EVENKEEL_PAYLOAD_KEYS: mark }],
    [
      'credentials of services that are away',
      {
        KAFKA_SASL_MECHANISM: 'plain',
        KAFKA_SASL_USERNAME: 'ada',
        KAFKA_SASL_PASSWORD: mark,
        TEMPORAL_API_KEY: mark,
      },
    ],
    [
      'credentials that contradict themselves',
      { TEMPORAL_ADDRESS: 'temporal.example:7233', TEMPORAL_API_KEY: mark },
    ],
    ['an address that is none', { MONGODB_URI: `mongo://ada:${mark}@${nowhere}` }],
  ])('for %s', async (_what, over) => {
    for (const name of ['status', 'pause']) {
      const { code, text } = await said([name, 'chat'], over);
      expect(code).not.toBe(0);
      expect(text).not.toContain(mark);
    }
  });
});

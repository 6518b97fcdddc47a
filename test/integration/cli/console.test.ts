// `evenkeel console` as a command: what it prints, that its token lets in, and its end.
import { describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.js';
import { eventually } from '../../support/eventually.js';

/** Nobody listens there. */
const nowhere = {
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  KAFKA_BROKERS: '127.0.0.1:1',
  MONGODB_URI: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200',
};

describe('evenkeel console', () => {
  it('prints where it is and a token that lets in, also while nothing behind it answers', async () => {
    const said = { out: '', err: '' };
    const ended = main(['console', '--port', '0', '--json'], {
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      env: nowhere,
    });
    const [, token = ''] = await eventually(
      'a token',
      () => /: (\S{32})\n/.exec(said.err) ?? undefined,
    );
    const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(said.err) ?? [];
    expect(await (await fetch(url)).text()).toContain('<title>Evenkeel console</title>');
    const answer = await fetch(`${url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ token, by: 'ada' }),
    });
    expect([answer.status, await answer.json()]).toEqual([
      200,
      expect.objectContaining({ by: 'ada', services: [] }),
    ]);
    process.emit('SIGTERM');
    expect(await ended).toBe(0);
    expect(JSON.parse(said.out)).toEqual({ stopped: true });
  });
});

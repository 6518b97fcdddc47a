// Which steps of the client's state machine are failures, and what is said of each: those that a test
// against real servers would wait for, too.

import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/client/connect-failed.js';
import { clientStep, type ClientEvent } from '../../src/core/handover/client.js';
import { clientConfig, moved, subject } from '../support/client-subject.js';

type Client = ReturnType<typeof subject>;
/** What is told of one more event; the client itself stays where it is. */
function told(client: Client, event: ClientEvent, nowMs = 1_000, words = '') {
  const before = client.state();
  const { state } = clientStep(before, event, nowMs);
  return failureOf(before, event, state, { nowMs, words, secrets: ['token-1'] });
}
const frame = (client: Client, fields: Record<string, unknown>): ClientEvent => ({
  kind: 'frame',
  socket: client.state().socket,
  frame: fields,
  random: 0.5,
});
const lost = (client: Client, code: number): ClientEvent => ({
  kind: 'lost',
  socket: client.state().socket,
  code,
  random: 0.5,
});

describe('a silence', () => {
  it('is told in each phase by what was waited for and how long', () => {
    const client = subject();
    client.on({ kind: 'start' });
    const late = () => told(client, { kind: 'wake', random: 0.5 }, 1_000_000);
    expect(late()).toMatchObject({
      step: 'session',
      attempts: 1,
      retryInMs: 50,
      closeCode: null,
      message: `no session: no answer within ${clientConfig.askWithinMs} ms (attempt 1, again in 50 ms)`,
    });
    client.answer();
    expect(late()).toMatchObject({ step: 'dial' });
    expect(late()?.message).toContain('no connection to ws://a: not open within 5000 ms');
    client.open();
    expect(late()).toMatchObject({ step: 'welcome' });
    expect(late()?.message).toContain('no welcome from ws://a: nothing within 10000 ms');
    client.welcome();
    expect(late()).toMatchObject({ step: 'connection' });
    expect(late()?.message).toContain(
      'connection to messaging-0 at ws://a lost: nothing heard for 10000 ms',
    );
  });
});

describe('what a server does', () => {
  it('is a failure when it redirects too often or says what nobody knows', () => {
    const client = subject();
    client.on({ kind: 'start' });
    client.answer();
    for (let n = 0; n < clientConfig.redirectsMax; n += 1) {
      client.open();
      const redirect = frame(client, { type: 'redirect', url: `ws://r${n}`, revision: 3 });
      expect(told(client, redirect)).toBeNull();
      client.on(redirect);
    }
    client.open();
    const fourth = told(client, frame(client, { type: 'redirect', url: 'ws://r4', revision: 3 }));
    expect(fourth?.message).toContain('no welcome from ws://r2: redirected 4 times in a row');
    const connected = subject().connected();
    const unknown = frame(connected, { type: 'disconnect', reason: 'token-1 is old' });
    expect(told(connected, unknown)?.message).toContain('does not know: … is old (');
  });

  it('is none when it moves, replaces or is closed, and nothing of an old socket counts', () => {
    const client = subject().connected();
    for (const event of [
      frame(client, moved),
      frame(client, { type: 'disconnect', reason: 'leaving', revision: 2 }),
      frame(client, { type: 'disconnect', reason: 'replaced', revision: 1 }),
      frame(client, { type: 'alive', next: '100', suspended: true }),
      lost(client, 4003),
      { ...lost(client, 1006), socket: 0 } as ClientEvent,
      { kind: 'close' } as const,
    ]) {
      expect(told(client, event), JSON.stringify(event)).toBeNull();
    }
    expect(told(client, lost(client, 1001), 1_000, 'going away')).toMatchObject({
      closeCode: 1001,
      message: expect.stringContaining('closed with 1001: going away (attempt 1') as string,
    });
  });

  it('is told without the token, a short one where it stands alone', () => {
    const client = subject().connected();
    const { state } = clientStep(client.state(), lost(client, 1006), 1_000);
    const around = { nowMs: 1_000, words: 'it is t, not that; long-$1+secret?long-$1+secret' };
    const secrets = ['t', null, undefined, '', 'long-$1+secret'];
    const error = failureOf(client.state(), lost(client, 1006), state, { ...around, secrets });
    expect(error?.message).toContain('closed with 1006: it is …, not that; …?… (');
  });

  it('is the end when a newer session exists, and long words are cut', () => {
    const client = subject();
    client.on({ kind: 'start' });
    client.answer();
    client.open();
    const message = 'x'.repeat(10_000);
    const error = told(client, frame(client, { type: 'error', code: 'superseded', message }));
    expect(error).toMatchObject({ step: 'welcome', errorCode: 'superseded', retryInMs: null });
    expect(error?.message.length).toBeLessThan(500);
    expect(error?.message).toMatch(/x… \(attempt 1, not tried again\)$/);
  });
});

// The client's state machine: each rule of the protocol on the client's side.

import { describe, expect, it } from 'vitest';
import { clientWakeAtMs } from '../../../src/core/handover/client.js';
import {
  clientConfig as config,
  kinds,
  message,
  moved,
  subject,
  written,
} from '../../support/client-subject.js';

describe('a client that starts', () => {
  it('asks the directory, dials what it says, and says hello with a null next', () => {
    const client = subject();
    expect(client.on({ kind: 'start' })).toEqual([{ kind: 'ask', ask: 1 }]);
    expect(client.answer()).toEqual([{ kind: 'dial', socket: 1, url: 'ws://a' }]);
    expect(written(client.open())).toEqual([
      { type: 'hello', token: 'token-1', next: null, marksRepeats: true },
    ]);
    expect(client.state().phase).toBe('parked');
  });

  it('brings the next of an earlier life of its device', () => {
    const client = subject(42);
    client.on({ kind: 'start' });
    client.answer();
    expect(written(client.open())[0]).toMatchObject({ next: '42' });
  });

  it('is not connected before the welcome: what it sends waits', () => {
    const client = subject();
    client.on({ kind: 'start' });
    client.answer();
    client.open();
    expect(written(client.send('c-1'))).toEqual([]);
    expect(written(client.welcome())).toEqual([
      { type: 'send', id: 'c-1', to: 'bob', body: 'c-1' },
    ]);
  });
});

describe('next', () => {
  it('is the highest of every next it was told and the last message plus one', () => {
    const client = subject().connected();
    expect(client.state().next).toBe(100);
    client.frame(message(104));
    expect(client.state().next).toBe(105);
    client.frame({ type: 'alive', next: '110', suspended: false });
    client.frame({ type: 'alive', next: '90', suspended: false });
    expect(client.state().next).toBe(110);
    client.frame({ ...moved, next: '115' });
    expect(written(client.open())[0]).toMatchObject({ next: '115', revision: 2 });
  });

  it('makes a message below it a duplicate that is not delivered', () => {
    const client = subject().connected();
    expect(kinds(client.frame(message(104)))).toEqual(['deliver']);
    expect(kinds(client.frame(message(104)))).toEqual([]);
    expect(kinds(client.frame(message(103)))).toEqual([]);
    expect(kinds(client.frame(message(105)))).toEqual(['deliver']);
  });
});

describe('DISCONNECT "moved"', () => {
  it('destroys the old socket before the new one is dialled, with the same token', () => {
    const client = subject().connected();
    expect(client.frame(moved)).toEqual([
      { kind: 'destroy', socket: 1 },
      { kind: 'dial', socket: 2, url: 'ws://b' },
    ]);
    expect(written(client.open())[0]).toMatchObject({ token: 'token-1', next: '120', revision: 2 });
  });

  it('waits for delayMs without a socket', () => {
    const client = subject().connected();
    expect(kinds(client.frame({ ...moved, delayMs: 250 }))).toEqual(['destroy']);
    expect(client.wakesIn()).toBe(250);
    expect(kinds(client.after(250).wake())).toEqual(['dial']);
  });

  it('ignores every frame and the close of the old socket from then on', () => {
    const client = subject().connected();
    client.frame(moved);
    expect(client.frame(message(130), 1)).toEqual([]);
    expect(client.on({ kind: 'lost', socket: 1, code: 4001, random: 0.5 })).toEqual([]);
    expect(client.state().next).toBe(120);
  });

  it('measures the gap from the notice to the welcome, delay included, and reports it', () => {
    const client = subject().connected();
    client.frame({ ...moved, delayMs: 20 });
    client.after(20).wake();
    client.open();
    const actions = client.after(17).welcome({ instance: 'messaging-2', revision: 2, next: '120' });
    expect(written(actions)).toEqual([{ type: 'moved', gapMs: 37, told: 2 }]);
    expect(actions).toContainEqual({
      kind: 'moved',
      move: { gapMs: 37, from: 'messaging-0', to: 'messaging-2', revision: 2, planned: true },
    });
  });

  it('asks the directory when the new place cannot be reached, and the gap goes on', () => {
    const client = subject().connected();
    client.frame(moved);
    client.after(10).lost();
    expect(client.state().phase).toBe('waiting');
    expect(kinds(client.after(50).wake())).toEqual(['ask']);
    client.answer('ws://c');
    client.open();
    const actions = client.after(40).welcome({ instance: 'messaging-2', revision: 2 });
    expect(written(actions)).toEqual([{ type: 'moved', gapMs: 100, told: 2 }]);
  });
});

describe('DISCONNECT "leaving" and "replaced"', () => {
  it('leaving: asks the directory after delayMs', () => {
    const client = subject().connected();
    client.frame({ type: 'disconnect', reason: 'leaving', next: '100', revision: 2, delayMs: 30 });
    expect(client.wakesIn()).toBe(30);
    expect(kinds(client.after(30).wake())).toEqual(['ask']);
    client.answer('ws://b');
    client.open();
    expect(written(client.welcome())).toMatchObject([{ type: 'moved', told: null }]);
  });

  it('replaced: stops for good, also when only the close code 4003 arrived', () => {
    const told = subject().connected();
    expect(kinds(told.frame({ type: 'disconnect', reason: 'replaced', revision: 1 }))).toEqual([
      'destroy',
      'stopped',
    ]);
    const untold = subject().connected();
    expect(kinds(untold.lost(4003))).toContain('stopped');
    expect(clientWakeAtMs(untold.state())).toBeNull();
  });
});

describe('redirect', () => {
  it('is followed three times, then the directory is asked', () => {
    const client = subject();
    client.on({ kind: 'start' });
    client.answer();
    for (const url of ['ws://r1', 'ws://r2', 'ws://r3']) {
      client.open();
      expect(client.frame({ type: 'redirect', url, revision: 3 })).toEqual([
        { kind: 'destroy', socket: client.state().socket - 1 },
        { kind: 'dial', socket: client.state().socket, url },
      ]);
    }
    client.open();
    expect(kinds(client.frame({ type: 'redirect', url: 'ws://r4', revision: 3 }))).toEqual([
      'destroy',
    ]);
    expect(kinds(client.after(5_000).wake())).toEqual(['ask']);
  });

  it('echoes its revision in the next hello', () => {
    const client = subject();
    client.on({ kind: 'start' });
    client.answer();
    client.open();
    client.frame({ type: 'redirect', url: 'ws://r', revision: 9 });
    expect(written(client.open())[0]).toMatchObject({ revision: 9 });
  });
});

describe('a lost connection', () => {
  it('asks the directory after a wait that doubles from 100 ms to 5 s, with full jitter', () => {
    const client = subject().connected();
    client.random = 1 - 1e-9;
    client.lost();
    const waits = [client.wakesIn()];
    for (let failure = 0; failure < 7; failure += 1) {
      client.after(client.wakesIn()).wake();
      client.on({
        kind: 'unanswered',
        ask: client.state().ask,
        retryAfterMs: null,
        random: client.random,
      });
      waits.push(client.wakesIn());
    }
    expect(waits).toEqual([99, 199, 399, 799, 1599, 3199, 4999, 4999]);
    client.random = 0;
    client.after(5_000).wake();
    client.on({ kind: 'unanswered', ask: client.state().ask, retryAfterMs: null, random: 0 });
    expect(client.wakesIn()).toBe(0);
  });

  it('never asks sooner than Retry-After says', () => {
    const client = subject();
    client.on({ kind: 'start' });
    client.on({ kind: 'unanswered', ask: 1, retryAfterMs: 2_000, random: 0 });
    expect(client.wakesIn()).toBe(2_000);
  });

  it('is also 2.5 times aliveEveryMs of silence; any frame is a sign of life', () => {
    const client = subject().connected();
    expect(client.wakesIn()).toBe(10_000);
    client.after(9_000).frame({ type: 'alive', next: '100', suspended: true });
    expect(client.state().suspended).toBe(true);
    expect(kinds(client.after(9_999).wake())).toEqual([]);
    expect(kinds(client.after(1).wake())).toEqual(['destroy']);
    expect(client.state().phase).toBe('waiting');
  });

  it('is noticed in bounded time, whatever aliveEveryMs the server claims', () => {
    for (const aliveEveryMs of [1e30, -5, 0]) {
      const client = subject();
      client.on({ kind: 'start' });
      client.answer();
      client.on({ kind: 'opened', socket: 1 });
      client.frame({ type: 'welcome', instance: 'i', revision: 1, next: '0', aliveEveryMs });
      expect(client.wakesIn()).toBeGreaterThan(0);
      expect(client.wakesIn()).toBeLessThanOrEqual(25 * 60_000);
    }
  });

  it('is also a dial, a welcome or an answer that does not come', () => {
    const client = subject();
    client.on({ kind: 'start' });
    client.after(config.askWithinMs).wake();
    expect(client.state().phase).toBe('waiting');
    client.after(5_000).wake();
    client.answer();
    expect(kinds(client.after(config.dialWithinMs).wake())).toEqual(['destroy']);
    client.after(5_000).wake();
    client.answer();
    client.open();
    expect(kinds(client.after(config.welcomeWithinMs).wake())).toEqual(['destroy']);
  });

  it('reports its gap only when it comes back elsewhere, and never as one that it was told of', () => {
    const same = subject().connected();
    same.lost();
    same.after(60).wake();
    same.answer();
    same.open();
    expect(written(same.after(40).welcome())).toEqual([]);
    const other = subject().connected();
    other.lost();
    other.after(60).wake();
    other.answer('ws://b');
    other.open();
    expect(written(other.after(40).welcome({ instance: 'messaging-1', revision: 2 }))).toEqual([
      { type: 'moved', gapMs: 100, told: null },
    ]);
  });

  it('ignores the answer to a question that was given up', () => {
    const client = subject();
    client.on({ kind: 'start' });
    client.after(config.askWithinMs).wake();
    expect(
      client.on({
        kind: 'answered',
        ask: 1,
        session: { url: 'ws://late', token: 't', instance: '' },
      }),
    ).toEqual([]);
  });
});

describe('errors of the server', () => {
  it('expired and unavailable: asks the directory', () => {
    for (const code of ['expired', 'unavailable', 'too-many']) {
      const client = subject().connected();
      expect(kinds(client.frame({ type: 'error', code, message: '' })), code).toEqual(['destroy']);
      expect(kinds(client.after(100).wake()), code).toEqual(['ask']);
    }
  });

  it('superseded: stops', () => {
    const client = subject().connected();
    expect(kinds(client.frame({ type: 'error', code: 'superseded', message: '' }))).toContain(
      'stopped',
    );
  });

  it('a refusal that does not end is given up', () => {
    const client = subject();
    client.on({ kind: 'start' });
    for (let refusal = 0; refusal < config.refusalsMax; refusal += 1) {
      client.answer();
      client.open();
      client.frame({ type: 'error', code: 'bad-token', message: 'wrong' });
      client.after(5_000).wake();
    }
    expect(client.state().phase).toBe('stopped');
    expect(client.all.at(-1)).toEqual({ kind: 'stopped', reason: 'refused', message: 'wrong' });
  });
});

// The sends of a client: their order, their repetition after a reconnect, their pace and their end.

import { describe, expect, it } from 'vitest';
import {
  clientConfig as config,
  kinds,
  moved,
  subject,
  written,
} from '../../support/client-subject.js';

describe('sends', () => {
  it('unanswered ones are repeated after a reconnect, in order, with the same ids, and marked', () => {
    const client = subject().connected();
    for (const id of ['c-1', 'c-2', 'c-3']) client.send(id);
    client.frame({ type: 'accepted', id: 'c-2', partition: 1, offset: '7' });
    client.frame(moved);
    client.send('c-4');
    client.open();
    expect(written(client.welcome({ instance: 'messaging-2', revision: 2 })).slice(1)).toEqual([
      { type: 'send', id: 'c-1', to: 'bob', body: 'c-1', repeat: true },
      { type: 'send', id: 'c-3', to: 'bob', body: 'c-3', repeat: true },
      { type: 'send', id: 'c-4', to: 'bob', body: 'c-4' },
    ]);
  });

  it('are answered once; a second answer changes nothing', () => {
    const client = subject().connected();
    client.send('c-1');
    const accepted = { type: 'accepted', id: 'c-1', partition: 1, offset: '7' };
    expect(client.frame(accepted)).toEqual([{ kind: 'accepted', id: 'c-1', offset: '7' }]);
    expect(client.frame(accepted)).toEqual([]);
  });

  it('are given up 60 s after they began', () => {
    const client = subject().connected();
    client.send('c-1');
    client.lost();
    client.after(59_999).wake();
    expect(kinds(client.all)).not.toContain('send-failed');
    expect(client.after(1).wake()).toContainEqual({
      kind: 'send-failed',
      id: 'c-1',
      why: 'gave-up',
    });
  });

  it('are bounded in flight, and the next goes out when an answer comes', () => {
    const client = subject().connected();
    for (let n = 1; n <= 6; n += 1) client.send(`c-${n}`);
    expect(written(client.all).filter(({ type }) => type === 'send')).toHaveLength(4);
    const next = client.frame({ type: 'accepted', id: 'c-1', partition: 1, offset: '7' });
    expect(written(next)).toEqual([{ type: 'send', id: 'c-5', to: 'bob', body: 'c-5' }]);
  });

  it('are paced, and the pace has its own wake-up', () => {
    const client = subject().connected();
    for (let n = 1; n <= 11; n += 1) {
      client.send(`c-${n}`);
      client.frame({ type: 'accepted', id: `c-${n}`, partition: 1, offset: `${n}` });
    }
    // Ten tokens were there: the eleventh was not written, so its answer was none of ours.
    expect(written(client.all).filter(({ type }) => type === 'send')).toHaveLength(11 - 1);
    expect(client.state().pending).toHaveLength(0);
    client.send('c-12');
    expect(client.wakesIn()).toBe(100);
    expect(written(client.after(100).wake())).toHaveLength(1);
  });

  describe('of which the server refuses one', () => {
    const refused = { type: 'error', code: 'bad-frame', message: 'no recipient' };
    /** Refuses a frame, and lets the client come back. */
    const refuse = (client: ReturnType<typeof subject>) => {
      const actions = client.frame(refused);
      client.after(5_000).wake();
      client.answer();
      client.open();
      return { actions, said: written(client.welcome()).flatMap(({ id }) => id ?? []) };
    };

    it('are repeated singly, until the one that is refused alone fails', () => {
      const client = subject().connected();
      for (const id of ['c-1', 'c-2', 'c-3']) client.send(id);
      expect(refuse(client).said).toEqual(['c-1']);
      const next = client.frame({ type: 'accepted', id: 'c-1', partition: 1, offset: '7' });
      expect(written(next).map(({ id }) => id)).toEqual(['c-2']);
      const { actions, said } = refuse(client);
      expect(actions).toContainEqual({
        kind: 'send-failed',
        id: 'c-2',
        why: 'refused',
        message: 'no recipient',
      });
      expect(said).toEqual(['c-3']);
    });

    it('are not blamed for a frame that was none of them, and go out together again', () => {
      const client = subject().connected();
      client.send('c-1');
      expect(refuse(client).said).toEqual(['c-1']);
      client.frame({ type: 'accepted', id: 'c-1', partition: 1, offset: '7' });
      expect(kinds(client.all)).not.toContain('send-failed');
      client.send('c-2');
      expect(written(client.send('c-3'))).toHaveLength(1);
    });
  });

  it('beyond the queue fail at once', () => {
    const client = subject().connected();
    for (let n = 1; n <= config.sendsQueuedMax; n += 1) client.send(`c-${n}`);
    expect(client.send('c-too-many')).toEqual([
      { kind: 'send-failed', id: 'c-too-many', why: 'queue-full' },
    ]);
  });

  it('fail when the client is stopped, before and after', () => {
    const client = subject().connected();
    client.send('c-1');
    const actions = client.on({ kind: 'close' });
    expect(written(actions)).toEqual([{ type: 'bye' }]);
    expect(kinds(actions)).toEqual(['write', 'finish', 'send-failed', 'stopped']);
    expect(kinds(client.send('c-2'))).toEqual(['send-failed']);
  });
});

// What a client tells the directory of where it was sent in vain, and how soon it asks again.
import { describe, expect, it } from 'vitest';
import { subject } from '../../support/client-subject.js';

describe('an address where nobody is', () => {
  const asked = (actions: readonly { kind: string }[]) =>
    actions.filter(({ kind }) => kind === 'ask');

  it('is told to the directory until it has answered, and only by who was not let in', () => {
    const client = subject().connected();
    client.lost();
    expect(asked(client.after(100).wake())).toEqual([{ kind: 'ask', ask: 2 }]);
    client.answer('ws://dead');
    client.lost();
    const doubt = { kind: 'ask', ask: 3, unreachable: 'ws://dead' };
    expect(asked(client.after(200).wake())).toEqual([doubt]);
    client.on({ kind: 'unanswered', ask: 3, retryAfterMs: 1_000, random: 0 });
    expect(asked(client.after(1_000).wake())).toEqual([{ ...doubt, ask: 4 }]);
    client.answer('ws://a');
    client.open();
    client.frame({ type: 'error', code: 'unavailable', message: 'not ready' });
    client.lost(4503);
    expect(asked(client.after(5_000).wake())).toEqual([{ kind: 'ask', ask: 5 }]);
  });

  it('is asked about no later than a second after the time that the directory named', () => {
    const client = subject();
    client.on({ kind: 'start' });
    for (let n = 0; n < 10; n += 1) {
      const { ask } = client.state();
      client.on({ kind: 'unanswered', ask, retryAfterMs: 1_000, random: 1 });
      expect(client.wakesIn()).toBeLessThanOrEqual(2_000);
      client.after(client.wakesIn()).wake();
    }
  });
});

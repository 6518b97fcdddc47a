// No order of events ever gives a client two sockets: seeded walks through its state machine.

import { expect, it } from 'vitest';
import { moved, subject } from '../../support/client-subject.js';

it('never dials while an old socket may exist, whatever happens', () => {
  const seed = 20_240_607;
  let random = seed;
  const next = (bound: number) => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    return (random >>> 8) % bound;
  };
  for (let round = 0; round < 300; round += 1) {
    const client = subject();
    let open: number | null = null;
    client.on({ kind: 'start' });
    for (let event = 0; event < 60; event += 1) {
      const before = client.all.length;
      client.after(next(3_000));
      [
        () => client.answer(),
        () => client.open(),
        () => client.welcome({ revision: next(9) }),
        () => client.frame({ ...moved, delayMs: next(2) * 50 }),
        () => client.frame({ type: 'redirect', url: 'ws://r', revision: 1 }),
        () => client.frame({ type: 'error', code: 'expired', message: '' }),
        () => client.frame({ type: 'disconnect', reason: 'leaving', delayMs: 0 }),
        () => client.lost(),
        () => client.wake(),
        () => client.send(`c-${event}`),
      ][next(10)]?.();
      for (const action of client.all.slice(before)) {
        const where = `seed ${seed}, round ${round}, event ${event}`;
        if (action.kind === 'destroy') open = null;
        if (action.kind === 'dial') {
          expect(open, where).toBeNull();
          open = action.socket;
        }
        if (action.kind === 'write') expect(action.socket, where).toBe(client.state().socket);
      }
    }
  }
});

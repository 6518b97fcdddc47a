import { describe, expect, it } from 'vitest';
import { createMessageAccount } from '../../src/load/message-account.js';
import { bodyOf, messageOf, type ChatMessage } from '../../src/load/message-body.js';

const message = (number: number, to = 'bob', window = 1): ChatMessage => ({
  window,
  from: 'ada/phone',
  to,
  number,
});

/** An account in which these messages to bob were sent and accepted. */
function given(numbers: readonly number[], devices = 1) {
  const account = createMessageAccount(devices);
  const window = account.open();
  for (const number of numbers) {
    account.sending(message(number));
    account.accepted(message(number));
  }
  return { account, window };
}

describe('the account of messages', () => {
  it('counts a message that is accepted and arrives once as delivered', () => {
    const account = createMessageAccount();
    const window = account.open();
    account.sending(message(1));
    expect(window.outstanding()).toBe(1);
    account.accepted(message(1));
    expect(window.outstanding()).toBe(1);
    expect(account.pendingOf('bob')).toBe(1);
    expect(account.pendingOf('ada/phone')).toBe(1);
    account.arrived(message(1), 0);
    expect(window.outstanding()).toBe(0);
    expect(account.pendingOf('bob') + account.pendingOf('ada/phone')).toBe(0);
    expect(window.counts()).toEqual({
      sent: 1,
      delivered: 1,
      lost: 0,
      duplicated: 0,
      outOfOrder: 0,
      unanswered: 0,
    });
  });

  it('does not mind which of sending, answer and arrival it hears of first', () => {
    const told: Record<string, (account: ReturnType<typeof createMessageAccount>) => void> = {
      sent: (account) => {
        account.sending(message(1));
        account.accepted(message(1));
      },
      arrived: (account) => account.arrived(message(1), 0),
    };
    for (const order of [
      ['sent', 'arrived'],
      ['arrived', 'sent'],
    ]) {
      const account = createMessageAccount();
      const window = account.open();
      for (const what of order) told[what]?.(account);
      expect(window.outstanding()).toBe(0);
      expect(window.counts()).toMatchObject({ sent: 1, delivered: 1, lost: 0, duplicated: 0 });
    }
  });

  it('counts an accepted message that never arrives as lost, and goes on waiting for it', () => {
    const { window } = given([1]);
    expect(window.counts()).toMatchObject({ sent: 1, delivered: 0, lost: 1 });
    expect(window.outstanding()).toBe(1);
  });

  it('counts a second arrival as a duplicate and not as out of order', () => {
    const { account, window } = given([1, 2]);
    for (const number of [1, 2, 1]) account.arrived(message(number), 0);
    expect(window.counts()).toMatchObject({ delivered: 2, duplicated: 1, outOfOrder: 0 });
  });

  it('counts a second arrival as a duplicate while the answer is awaited, and before the sending', () => {
    const account = createMessageAccount();
    const window = account.open();
    account.sending(message(1));
    for (const number of [1, 1, 2, 2]) account.arrived(message(number), 0);
    expect(window.counts()).toMatchObject({ duplicated: 2, outOfOrder: 0 });
  });

  it('counts an arrival after a later message of the same pair as out of order', () => {
    const { account, window } = given([1, 2]);
    account.sending(message(1, 'cyn'));
    account.accepted(message(1, 'cyn'));
    account.arrived(message(1, 'cyn'), 0);
    account.arrived(message(2), 0);
    account.arrived(message(1), 0);
    expect(window.counts()).toMatchObject({ delivered: 3, lost: 0, outOfOrder: 1, duplicated: 0 });
  });

  it('keeps an unanswered message out of what was sent, also when it arrives', () => {
    const account = createMessageAccount();
    const window = account.open();
    account.sending(message(1));
    account.unanswered(message(1));
    expect(window.counts()).toMatchObject({ sent: 0, lost: 0, unanswered: 1 });
    expect(window.outstanding()).toBe(0);
    account.arrived(message(1), 0);
    expect(window.counts()).toMatchObject({ sent: 0, delivered: 0, lost: 0, duplicated: 0 });
    account.arrived(message(1), 0);
    expect(window.counts()).toMatchObject({ duplicated: 1 });
  });

  it('takes a message for delivered when each of the user’s clients has it, in order', () => {
    const { account, window } = given([1, 2], 2);
    account.arrived(message(1), 0);
    account.arrived(message(2), 1);
    expect(window.counts()).toMatchObject({ delivered: 0, lost: 2 });
    account.arrived(message(1), 1);
    account.arrived(message(2), 0);
    expect(window.counts()).toMatchObject({ delivered: 2, lost: 0, outOfOrder: 1, duplicated: 0 });
    expect(window.outstanding()).toBe(0);
  });

  it('counts a loss for the window of its sending, and a duplicate for that of its arrival', () => {
    const { account, window } = given([1, 2]);
    account.arrived(message(1), 0);
    const next = account.open();
    expect(next.number).toBe(2);
    account.arrived(message(1), 0);
    expect(window.counts()).toMatchObject({ sent: 2, lost: 1, duplicated: 0 });
    expect(next.counts()).toMatchObject({ sent: 0, lost: 0, duplicated: 1 });
    account.arrived(message(2), 0);
    expect(window.counts()).toMatchObject({ delivered: 2, lost: 0 });
  });
});

describe('a body', () => {
  const frame = { from: 'ada', client: 'phone', to: 'bob' };

  it('tells window and number, whatever the text', () => {
    const body = bodyOf(message(17), '3.4 ? 9.9 ');
    expect(messageOf({ ...frame, body })).toEqual(message(17));
  });

  it.each(['', 'hello', '1. 2 x', '-1.2 x', '1.2', '1.2e3 x', '12345678901.1 x'])(
    'of somebody else is none of ours: "%s"',
    (body) => {
      expect(messageOf({ ...frame, body })).toBeUndefined();
    },
  );
});

import { describe, expect, it } from 'vitest';
import { createMessageCheck } from '../../examples/demo/message-check.js';

describe('message check', () => {
  it('counts a message that is accepted and arrives once as delivered', () => {
    const check = createMessageCheck();
    const window = check.open();
    const body = check.sending('ada', 'bob', 'hello');
    expect(window.outstanding()).toBe(1);
    check.accepted(body);
    expect(window.outstanding()).toBe(1);
    expect(check.pendingOf('bob')).toBe(1);
    expect(check.received('ada', 'bob', body)).toBe(true);
    expect(window.outstanding()).toBe(0);
    expect(check.pendingOf('ada')).toBe(0);
    expect(window.counts()).toEqual({
      sent: 1,
      delivered: 1,
      lost: 0,
      duplicated: 0,
      outOfOrder: 0,
      unanswered: 0,
    });
  });

  it('counts a message that arrives before its answer once', () => {
    const check = createMessageCheck();
    const window = check.open();
    const body = check.sending('ada', 'bob', 'hello');
    check.received('ada', 'bob', body);
    expect(window.outstanding()).toBe(1);
    check.accepted(body);
    expect(window.outstanding()).toBe(0);
    expect(window.counts()).toMatchObject({ sent: 1, delivered: 1, lost: 0 });
  });

  it('counts an accepted message that never arrives as lost', () => {
    const check = createMessageCheck();
    const window = check.open();
    check.accepted(check.sending('ada', 'bob', 'hello'));
    expect(window.counts()).toMatchObject({ sent: 1, delivered: 0, lost: 1 });
    expect(window.outstanding()).toBe(1);
  });

  it('counts a second arrival as a duplicate and not as out of order', () => {
    const check = createMessageCheck();
    const window = check.open();
    const first = check.sending('ada', 'bob', 'one');
    const second = check.sending('ada', 'bob', 'two');
    for (const body of [first, second]) check.accepted(body);
    for (const body of [first, second, first]) check.received('ada', 'bob', body);
    expect(window.counts()).toMatchObject({ delivered: 2, duplicated: 1, outOfOrder: 0 });
  });

  it('counts an arrival after a later message of the same pair as out of order', () => {
    const check = createMessageCheck();
    const window = check.open();
    const first = check.sending('ada', 'bob', 'one');
    const second = check.sending('ada', 'bob', 'two');
    const other = check.sending('ada', 'cyn', 'three');
    for (const body of [first, second, other]) check.accepted(body);
    check.received('ada', 'cyn', other);
    check.received('ada', 'bob', second);
    check.received('ada', 'bob', first);
    expect(window.counts()).toMatchObject({ delivered: 3, lost: 0, outOfOrder: 1 });
  });

  it('keeps an unanswered message out of what was sent', () => {
    const check = createMessageCheck();
    const window = check.open();
    check.unanswered(check.sending('ada', 'bob', 'hello'));
    expect(window.counts()).toMatchObject({ sent: 0, lost: 0, unanswered: 1 });
    expect(window.outstanding()).toBe(0);
  });

  it('still sees duplicates of the window before, and forgets older ones', () => {
    const check = createMessageCheck();
    const first = check.open();
    const body = check.sending('ada', 'bob', 'hello');
    check.accepted(body);
    check.received('ada', 'bob', body);
    check.open();
    expect(check.received('ada', 'bob', body)).toBe(true);
    expect(first.counts().duplicated).toBe(1);
    check.open();
    expect(check.received('ada', 'bob', body)).toBe(false);
  });
});

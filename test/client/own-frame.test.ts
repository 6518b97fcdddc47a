// What `say` of the client takes, and what is said of the rest.

import { expect, it } from 'vitest';
import { connect } from '../../src/client/node.js';

const client = connect({ user: 'alice', getSession: () => new Promise(() => undefined) });

it('takes any frame of another type than those that clients say by the protocol', () => {
  for (const type of ['score', 'message', 'Hello', '__proto__']) {
    expect(client.say({ type }), type).toBe(false);
  }
});

it("refuses the protocol's own at once, connected or not, and says what to do instead", () => {
  for (const type of ['hello', 'send', 'moved', 'bye']) {
    expect(() => client.say({ type }), type).toThrow(
      new RegExp(
        `"${type}" is the protocol's, as are hello, send, moved, bye: .*send\\(to, body\\)`,
      ),
    );
  }
});

it.each([
  [undefined, /found undefined/],
  [null, /found type undefined/],
  ['score', /found string/],
  [{}, /found type undefined/],
  [{ type: 7 }, /found type 7/],
  [{ type: '' }, /found type ""/],
  [[], /found type undefined/],
])('refuses %j, which is no frame', (frame, found) => {
  expect(() => client.say(frame as never)).toThrow(found);
  expect(() => client.say(frame as never)).toThrow(/as { type: 'score' }/);
});

// Mistakes in what is said to clients and read of them.

import { randomUUID } from 'node:crypto';
import type { Frame, Mistake } from '../mistake.js';

export const frameMistakes: readonly Mistake[] = [
  {
    name: 'gives a repeated send a new offset',
    caughtBy: 'send-repeated',
    says: /one send, repeated on its connection and after a reconnect, was accepted at \d+ \d+ \d+/,
    frames: () => ({
      toServer: (frame) => [
        frame['type'] === 'send'
          ? { ...frame, id: `${String(frame['id'])}#${randomUUID()}` }
          : frame,
      ],
      toClient: (frame) => [
        frame['type'] === 'accepted' ? { ...frame, id: String(frame['id']).split('#')[0] } : frame,
      ],
    }),
  },
  {
    name: 'computes partitions by another hash',
    caughtBy: 'send',
    says: /was accepted on partition \d+; its partition is \d+/,
    frames: () => ({
      toClient: (frame) => [
        frame['type'] === 'accepted'
          ? { ...frame, partition: (Number(frame['partition']) + 1) % 15 }
          : frame,
      ],
    }),
  },
  {
    name: 'delivers a message twice after a resume',
    caughtBy: 'resume',
    says: /a client came back with next \d+, when .* had been written .* it got (\d+) \1 /,
    frames: () => {
      let resumed = false;
      return {
        toServer: (frame) => {
          if (frame['type'] === 'hello' && frame['next'] !== null) resumed = true;
          return [frame];
        },
        toClient: (frame) => {
          if (!resumed || frame['type'] !== 'message') return [frame];
          resumed = false;
          return [frame, frame];
        },
      };
    },
  },
  {
    name: 'speaks before the welcome',
    after: ['welcome'],
    caughtBy: 'order-of-frames',
    says: /alive came before welcome/,
    frames: () => ({
      toServer: (frame, tellClient) => {
        const early: Frame = { type: 'alive', next: '0', suspended: false };
        if (frame['type'] === 'hello') tellClient(early);
        return [frame];
      },
    }),
  },
  {
    name: 'closes with another code of the range',
    caughtBy: 'bad-token',
    says: /a token with no JWT was told bad-token, and the socket closed with 4400/,
    frames: () => ({ closeCode: (code) => (code === 4401 ? 4400 : code) }),
  },
  {
    name: 'says in alive a next that nobody was given',
    caughtBy: 'alive',
    says: /alive says next \d+, and the log of partition \d+ ends at \d+/,
    frames: () => ({
      toClient: (frame) => [
        frame['type'] === 'alive'
          ? { ...frame, next: String(Number(frame['next']) + 1_000) }
          : frame,
      ],
    }),
  },
  {
    name: 'welcomes at the end of the log who comes back',
    caughtBy: 'resume',
    says: /a client came back with next \d+, which the log has, and was welcomed with next \d+/,
    frames: () => ({
      toClient: (frame) => [
        frame['type'] === 'welcome' ? { ...frame, next: String(Number(frame['next']) + 3) } : frame,
      ],
    }),
  },
  {
    name: 'welcomes with another partition',
    caughtBy: 'welcome',
    says: /the welcome of a client of partition \d+ is not whole: partition is \d+/,
    frames: () => ({
      toClient: (frame) => [
        frame['type'] === 'welcome'
          ? { ...frame, partition: (Number(frame['partition']) + 1) % 15 }
          : frame,
      ],
    }),
  },
  {
    name: 'says no alive',
    caughtBy: 'alive',
    says: /no alive came for 10000 ms/,
    frames: () => ({ toClient: (frame) => (frame['type'] === 'alive' ? [] : [frame]) }),
  },
  {
    name: 'lets a client say as much as it likes',
    caughtBy: 'too-many',
    says: /a client sent 4000 frames at once, and heard: welcome(, alive)*$/,
    frames: () => ({ toServer: (frame) => (frame['type'] === 'moved' ? [] : [frame]) }),
  },
  {
    name: 'refuses fields that it does not know',
    caughtBy: 'frames-of-64-kib',
    says: /a field that is not in the protocol was answered with: error bad-frame/,
    frames: () => ({
      toServer: (frame) => [frame['futureField'] === undefined ? frame : { type: 'unknown' }],
    }),
  },
];

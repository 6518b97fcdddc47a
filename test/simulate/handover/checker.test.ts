// The books that are kept of messages: each way of going wrong is noticed as what it is.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../../../src/core/handover/client.js';
import type { ChatClient } from '../../../src/simulate/handover/chat-client.js';
import { MessageChecker } from '../../../src/simulate/handover/checker.js';
import { SimKafka } from '../../../src/simulate/handover/kafka.js';
import { Kernel } from '../../../src/simulate/kernel.js';
import { randomOf } from '../../../src/simulate/random.js';

const bob = { index: 0, user: 'bob', device: 'phone' } as ChatClient;
const alice = { index: 1, user: 'alice', device: 'phone' } as ChatClient;

let checker: MessageChecker;
let wrong: string[];
let kafka: SimKafka;

beforeEach(() => {
  wrong = [];
  const calm = { requestMs: () => 1, deliveryMs: () => 1, duplicates: 0, failures: 0 };
  kafka = new SimKafka(new Kernel(), randomOf(1), calm);
  checker = new MessageChecker(
    kafka,
    () => 0,
    (invariant) => wrong.push(invariant),
  );
  kafka.onAppend = (_topic, _partition, offset, record) => checker.appended(offset, record);
  checker.welcomed(bob, 0);
});

/** Alice's send with that number to bob, as a record of the log. */
function append(...ids: readonly number[]): void {
  for (const id of ids) {
    const chat = { id: `${id}`, from: 'alice', client: 'phone', to: 'bob', body: '', sentAtMs: 0 };
    kafka.write([{ topic: 'sim.messages', partition: 0, key: 'bob', value: JSON.stringify(chat) }]);
  }
}

function deliver(offset: number, id: number): void {
  const message = { offset: `${offset}`, id: `${id}`, from: 'alice', client: 'phone', to: 'bob' };
  checker.delivered(bob, { ...message, body: '', sentAtMs: 0 } satisfies ReceivedMessage);
}

describe('the books of messages', () => {
  it('find nothing wrong when each first copy is delivered once, in the order of the log', () => {
    append(1, 2, 1, 3);
    deliver(0, 1);
    deliver(1, 2);
    deliver(3, 3);
    checker.atTheEnd([bob]);
    expect(wrong).toEqual([]);
    expect(checker.counts).toMatchObject({ delivered: 3, copies: 1 });
  });

  it('notice a message that was skipped', () => {
    append(1, 2);
    deliver(1, 2);
    expect(wrong).toEqual(['NoLoss']);
  });

  it('notice one that never came', () => {
    append(1);
    checker.atTheEnd([bob]);
    expect(wrong).toEqual(['NoLoss']);
  });

  it('notice one that came twice, and a copy of one', () => {
    append(1, 1);
    deliver(0, 1);
    deliver(0, 1);
    deliver(1, 1);
    expect(wrong).toEqual(['NoDup', 'NoDup']);
  });

  it('notice sends of one sender that changed places', () => {
    append(2, 1);
    expect(wrong).toEqual(['InOrder']);
  });

  it('notice a send that was accepted at a place where it is not', () => {
    append(1);
    checker.sentTo.set('1#1', 'bob').set('1#2', 'bob');
    checker.accepted(alice, '1', '0');
    expect(wrong).toEqual([]);
    checker.accepted(alice, '2', '0');
    expect(wrong).toEqual(['NoLoss']);
  });

  it('notice a client that nobody ever welcomed', () => {
    checker.atTheEnd([alice]);
    expect(wrong).toEqual(['Served']);
  });
});

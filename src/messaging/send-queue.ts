// The sends of one client, in their order: searched when they may be repeats, written to Kafka,
// answered once Kafka acknowledged. Owns order and bounds; holds everything back while the instance
// may not speak. Never owns a socket.

import { partitionOf } from '../core/murmur2.js';
import type { ChatRecord } from '../core/records.js';
import { frameMaxBytes, sendGiveUpMs, sendsInFlightPerConnectionMax } from '../limits.js';
import type { Appender, Clock } from '../ports.js';
import { copyKey, sendKey } from './records.js';
import { acceptedFrame, fitsFrame, type SendFrame } from './frames.js';
import type { KnownSend, KnownSends } from './known-sends.js';
import type { SendFinder } from './send-finder.js';
import type { ServedClient } from '../server/service.js';

/** What the queues of all clients of an instance share. */
export interface SendDeps {
  readonly topic: string;
  readonly partitions: number;
  readonly appender: Appender;
  readonly known: KnownSends;
  readonly finder: SendFinder;
  readonly clock: Clock;
  readonly onAccepted?: (() => void) | undefined;
}

/** The client whose sends these are. */
export type SendingClient = Pick<
  ServedClient,
  'user' | 'client' | 'cameBackAtMs' | 'marksRepeats' | 'maySpeak' | 'send' | 'stalled' | 'fail'
>;

export interface SendQueue {
  push(frame: SendFrame): void;
  /** Goes on after `stalled`. */
  resume(): void;
  end(): void;
}

export function createSendQueue(deps: SendDeps, client: SendingClient): SendQueue {
  const waiting: SendFrame[] = [];
  const unsaid: string[] = [];
  let inFlight = 0;
  let searching = false;
  /** Id that was searched in vain: it is new. */
  let searchedId: string | null = null;
  let ended = false;

  const say = (text: string): void => {
    deps.onAccepted?.();
    client.send(text);
  };

  const answer = (frame: SendFrame, partition: number, offset: number | null): void => {
    inFlight -= 1;
    if (ended) return;
    if (offset === null) {
      client.fail('unavailable', 'the message could not be written just now');
      return;
    }
    const text = acceptedFrame(frame.id, partition, offset);
    if (client.maySpeak()) say(text);
    else {
      unsaid.push(text);
      client.stalled();
    }
  };

  const recordOf = (frame: SendFrame): ChatRecord => ({
    id: frame.id,
    from: client.user,
    client: client.client,
    to: frame.to,
    body: frame.body,
    sentAtMs: deps.clock.wallMs(),
  });

  const append = (frame: SendFrame, key: string, partition: number): KnownSend => {
    const { clock, known, topic } = deps;
    const send = known.begin(key, frame.to, clock.monotonicMs());
    const record = recordOf(frame);
    deps.appender
      .append([{ topic, partition, key: frame.to, value: JSON.stringify(record) }])
      .then(([offset]) => {
        if (offset === undefined) known.fail(key, send);
        else known.settle(key, send, offset);
      })
      .catch(() => known.fail(key, send));
    return send;
  };

  const mayBeRepeat = (frame: SendFrame): boolean => {
    if (client.cameBackAtMs === null || frame.id === searchedId) return false;
    if (client.marksRepeats) return frame.repeat;
    return deps.clock.monotonicMs() - client.cameBackAtMs <= sendGiveUpMs;
  };

  const search = (frame: SendFrame, key: string, partition: number): void => {
    searching = true;
    void deps.finder
      .find(partition, copyKey(key, frame.to), client.cameBackAtMs ?? 0)
      .then((offset) => {
        searching = false;
        searchedId = frame.id;
        if (offset !== null) deps.known.remember(key, frame.to, offset, deps.clock.monotonicMs());
        drain();
      });
  };

  const drain = (): void => {
    while (!ended && !searching) {
      const frame = waiting[0];
      if (frame === undefined) return;
      // Checked right before the append: an instance that was paused must not write first.
      if (!client.maySpeak()) return client.stalled();
      const key = sendKey(client.user, client.client, frame.id);
      const partition = partitionOf(frame.to, deps.partitions);
      let send = deps.known.get(key, deps.clock.monotonicMs());
      if (send !== null && send.to !== frame.to) {
        client.fail('bad-frame', `send.id ${frame.id} was used for another message`);
        return;
      }
      if (send === null && mayBeRepeat(frame)) return search(frame, key, partition);
      waiting.shift();
      inFlight += 1;
      send ??= append(frame, key, partition);
      if (send.offset === null) {
        send.waiting.push((offset) => answer(frame, partition, offset));
      } else answer(frame, partition, send.offset);
    }
  };

  return {
    push: (frame) => {
      if (waiting.length + inFlight + unsaid.length >= sendsInFlightPerConnectionMax) {
        const max = sendsInFlightPerConnectionMax;
        client.fail('too-many', `more than ${max} sends without an answer`);
        return;
      }
      if (!fitsFrame(recordOf(frame))) {
        const message = `the message frame of this send would have more than ${frameMaxBytes} bytes`;
        client.fail('too-large', message);
        return;
      }
      waiting.push(frame);
      drain();
    },
    resume: () => {
      while (!ended && unsaid.length > 0) {
        if (!client.maySpeak()) return client.stalled();
        say(unsaid.shift() as string);
      }
      drain();
    },
    end: () => {
      ended = true;
    },
  };
}

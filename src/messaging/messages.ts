// Messaging as a service: `send` is written to the recipient's partition and answered `accepted` once
// Kafka has it; each record is a `message` to the clients of its recipient. Owns what the sends of one
// instance share; never a socket.

import { aText, anObject, checkGiven } from '../given.js';
import { createKnownSends } from './known-sends.js';
import { parseSend } from './frames.js';
import { readMessage } from './records.js';
import { createSendFinder } from './send-finder.js';
import { createSendQueue, type SendDeps } from './send-queue.js';
import type { Service, ServiceContext } from '../server/service.js';

export type MessagesContext = Omit<ServiceContext, 'service' | 'name' | 'log' | 'metrics'>;

/** A service of its own, or part of another that delivers messages, too. */
export function createMessages(
  context: MessagesContext,
  knownSendsMax?: number,
): Service & Required<Pick<Service, 'frames' | 'welcomed'>> {
  checkGiven('createMessages', context, { topic: aText, appender: anObject, reads: anObject });
  const { topic, partitions, appender, clock, later, reads } = context;
  const feeds = { firstCopy: context.firstCopy };
  const deps: SendDeps = {
    topic,
    partitions,
    appender,
    clock,
    onAccepted: context.onAccepted,
    known: createKnownSends(knownSendsMax),
    finder: createSendFinder({ feeds, reads, clock, later }),
  };
  return {
    read: readMessage,
    frames: ['send'],
    welcomed: (client) => {
      const queue = createSendQueue(deps, client);
      return {
        frame: (frame) => queue.push(parseSend(frame)),
        resume: () => queue.resume(),
        gone: () => queue.end(),
      };
    },
  };
}

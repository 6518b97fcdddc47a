// The Messaging server of one simulated instance: the real connections, delivery and sends, with a
// simulated socket beneath. The counterpart of src/server/service-server.ts without its listening port.

import type { WebSocket } from 'ws';
import type { ClientIdentity, Instance, PartitionSink } from '../../instance/api.js';
import { aliveEveryMs } from '../../limits.js';
import { acceptsDefault, createAcceptLine } from '../../server/accept-line.js';
import { serveConnection, type Connection, type ConnectionDeps } from '../../server/connection.js';
import { createMessages } from '../../messaging/messages.js';
import { createPartitionFeeds, type PartitionFeeds } from '../../server/partition-feed.js';
import { createRangeReads } from '../../server/range-reads.js';
import { createPublish } from '../../server/served-client.js';
import type { SimKafka } from './kafka.js';
import { topics } from './names.js';
import { questions } from './partition-reads.js';
import type { Process } from './process.js';

/** The wheel of `alive` frames, as in the real server. */
const aliveSlots = 20;
const stalledRetryMs = 50;

export class MessagingEnd {
  readonly sink: PartitionSink;
  private readonly process: Process;
  private readonly deps: ConnectionDeps;
  private readonly wheel = Array.from({ length: aliveSlots }, () => new Set<Connection>());
  private readonly stalled = new Set<Connection>();
  private retrying = false;
  private turn = 0;

  constructor(
    name: string,
    process: Process,
    kafka: SimKafka,
    partitions: number,
    instance: Pick<Instance, 'admit' | 'closed' | 'maySpeak'>,
  ) {
    this.process = process;
    const { clock, later } = process;
    const topic = topics.messages;
    const reads = createRangeReads(questions(kafka, process, partitions), topic);
    const appender = kafka.appender(process);
    const service = createMessages({
      ...{ topic, partitions, clock, later, appender, reads },
      firstCopy: (partition, key) => feeds.firstCopy(partition, key),
    });
    const feeds: PartitionFeeds = createPartitionFeeds({ reads, service });
    this.sink = feeds.sink;
    this.deps = {
      instance: { name, recordGap: () => undefined, ...instance },
      verify: (token) => Promise.resolve(JSON.parse(token) as ClientIdentity),
      feeds,
      service,
      publish: createPublish(appender, topic, partitions),
      onMistake: nothing,
      clock,
      later,
      stats: uncounted,
      aliveEveryMs,
      line: createAcceptLine(acceptsDefault, clock, later),
      onGreeted: nothing,
      onStalled: (connection) => this.stall(connection),
      onClosed: (connection) => {
        this.stalled.delete(connection);
        for (const slot of this.wheel) slot.delete(connection);
      },
    };
    process.every(aliveEveryMs / aliveSlots, () => {
      this.turn = (this.turn + 1) % aliveSlots;
      for (const connection of this.wheel[this.turn] ?? []) connection.alive();
    });
  }

  accept(socket: WebSocket): void {
    this.wheel[this.turn]?.add(serveConnection(socket, this.deps));
  }

  private stall(connection: Connection): void {
    this.stalled.add(connection);
    if (this.retrying) return;
    this.retrying = true;
    this.process.later(() => {
      this.retrying = false;
      const waiting = [...this.stalled];
      this.stalled.clear();
      for (const held of waiting) held.resume();
    }, stalledRetryMs);
  }
}

const nothing = (): void => undefined;
const uncounted: ConnectionDeps['stats'] = {
  welcomed: nothing,
  received: nothing,
  accepted: nothing,
  delivered: nothing,
  gap: nothing,
  disconnected: nothing,
  redirected: nothing,
  errors: nothing,
  skipped: nothing,
  turnedAway: nothing,
  mistake: nothing,
};

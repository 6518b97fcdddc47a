// The session directory of the simulated world: answers from its own lagging replicas of the ownership
// and control logs, by the same rule as the real one.

import { Goals } from '../../core/handover/goal.js';
import { OwnershipLog } from '../../core/handover/ownership-log.js';
import { routeIn } from '../../core/handover/route.js';
import { partitionOf } from '../../core/murmur2.js';
import type { ControlMessage, OwnershipRecord } from '../../core/records.js';
import type { ClientIdentity } from '../../instance/api.js';
import type { ClientSession } from '../../core/handover/client.js';
import type { SimKafka } from './kafka.js';
import { service, topics } from './names.js';
import type { Process } from './process.js';

export class Directory {
  private readonly log: OwnershipLog;
  private readonly goals = new Goals();
  private readonly process: Process;
  private sessions = 0;

  constructor(kafka: SimKafka, process: Process, partitions: number) {
    this.process = process;
    this.log = new OwnershipLog(partitions);
    kafka.open(process, { topic: topics.ownership, partition: 0, from: 0 }, (records, from) => {
      records.forEach(({ body }, i) => this.log.apply(body as OwnershipRecord, from + i));
    });
    kafka.open(process, { topic: topics.control, partition: 0, from: 0 }, (records) => {
      for (const { body } of records) this.goals.read(body as ControlMessage);
    });
  }

  /** Null while nobody live holds the user's partition: 503. */
  session(user: string, client: string): ClientSession | null {
    const partition = partitionOf(user, this.log.partitions);
    const route = routeIn(this.log, this.goals.target, service, partition);
    if (route === null) return null;
    this.sessions += 1;
    const identity: ClientIdentity = {
      partition,
      user,
      client,
      session: this.sessions.toString(10).padStart(12, '0'),
      sessionAtMs: this.process.clock.wallMs(),
    };
    return { url: route.url, instance: route.instance, token: JSON.stringify(identity) };
  }
}

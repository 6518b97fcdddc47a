// What most checks begin with: a client that says hello, and is welcomed with its evidence in the log.
// Throws Broken where the instance does otherwise.

import type { ChatRecord } from '../core/records.js';
import { topicsOf, sessionsPartition } from '../logs/topics.js';
import { Broken, must } from './check.js';
import { until, type LogEntry } from './journal.js';
import { heardWords, type Frame, type Line } from './line.js';
import { answerWithinMs, quietMs } from './limits.js';
import { dial, newSession, type Scene, type Session } from './scene.js';

export interface Welcomed {
  readonly session: Session;
  readonly line: Line;
  readonly welcome: Frame;
  /** Connection id of its `opened`. */
  readonly connection: string;
}

/** Says hello; the first of welcome, redirect, error or disconnect that follows, or null. */
export async function greet(
  line: Line,
  token: string,
  next: string | null,
  more: object = {},
): Promise<Frame | null> {
  line.say({ type: 'hello', token, next, ...more });
  return line.takeAny(['welcome', 'redirect', 'error', 'disconnect'], answerWithinMs);
}

/** Connects a client, and proves that its `opened` was acknowledged before it was welcomed. */
export async function connect(
  scene: Scene,
  options: {
    readonly session?: Session;
    readonly next?: string | null;
    readonly label?: string;
    readonly hello?: object;
    readonly partitions?: readonly number[];
  } = {},
): Promise<Welcomed> {
  const session =
    options.session ??
    (await newSession(
      scene,
      options.partitions === undefined ? {} : { partitions: options.partitions },
    ));
  const label = options.label ?? `${session.user} (${session.client})`;
  const line = await dial(scene, label);
  const frame = await greet(line, session.token, options.next ?? null, options.hello);
  must(
    frame?.type === 'welcome',
    `the hello of a client of partition ${session.partition}, which the instance holds, was answered with: ${heardWords(line)}`,
    'welcome a client with a valid token as soon as you hold its partition and its opened is acknowledged',
  );
  const opened = await openedBefore(scene, session, line);
  return { session, line, welcome: frame, connection: String(opened.record['connection']) };
}

/**
 * The `opened` of a client that was just welcomed. The end of the log is asked for after the welcome was
 * read: what is not below it then was not acknowledged before.
 */
async function openedBefore(scene: Scene, session: Session, line: Line): Promise<LogEntry> {
  const { bus, service, journal } = scene;
  const partition = sessionsPartition(session.partition);
  const [end] = await bus.bounds(topicsOf(service).sessions, [partition]);
  const opened = await until(() => openedOf(scene, session, line.openedAtMs), answerWithinMs);
  must(
    opened !== null,
    `a client of partition ${session.partition} was welcomed, and no opened of it came to ${topicsOf(service).sessions}/${partition}`,
    'append opened to <s>.sessions, partition p mod 12, and send welcome only once Kafka has acknowledged it',
  );
  must(
    opened.offset < (end?.high ?? 0),
    `a client of partition ${session.partition} was welcomed when the log ended at ${end?.high}, and its opened came later, at ${opened.offset}`,
    'wait for the acknowledgement of opened before you send welcome: what is not in the log yet may never be',
  );
  await journal.caughtUp('ownership');
  const holder = journal.view.holderOf(session.partition);
  must(
    holder !== null && holder.incarnation === opened.record['incarnation'],
    `a client of partition ${session.partition} was welcomed by ${String(opened.record['incarnation'])}, and by the ownership log ${holder === null ? 'nobody holds it' : `${holder.incarnation} does`}`,
    'welcome only for partitions of which you have read back a valid acquired of your own that is the last valid record',
  );
  return opened;
}

function openedOf(scene: Scene, session: Session, sinceMs: number): LogEntry | undefined {
  return scene.journal.sessions.find(
    ({ record, readAtMs }) =>
      record['type'] === 'opened' &&
      record['user'] === session.user &&
      record['client'] === session.client &&
      record['partition'] === session.partition &&
      readAtMs >= sinceMs,
  );
}

/** Waits for the `closed` of a connection. Throws Broken when none comes. */
export async function closedOf(scene: Scene, connection: string, why: string): Promise<LogEntry> {
  const closed = await until(
    () =>
      scene.journal.sessions.find(
        ({ record }) => record['type'] === 'closed' && record['connection'] === connection,
      ),
    answerWithinMs,
  );
  if (closed !== null) return closed;
  throw new Broken(
    `no closed of connection ${connection} came within ${answerWithinMs / 1000} s after ${why}`,
    'append closed with the connection of its opened to <s>.sessions whenever a socket has ended, whoever ended it',
  );
}

/** Writes messages for a user, as a producer keyed by the recipient does; their offsets. */
export async function write(
  scene: Scene,
  to: Session,
  ids: readonly string[],
): Promise<readonly number[]> {
  const topic = topicsOf(scene.service).messages;
  const records = ids.map((id) => {
    const value: ChatRecord = {
      id,
      from: `conformance-${scene.run}`,
      client: 'kit',
      to: to.user,
      body: `body of ${id}`,
      sentAtMs: Date.now(),
    };
    return { topic, partition: to.partition, key: to.user, value: JSON.stringify(value) };
  });
  return scene.appender.append(records);
}

/** Offsets of the messages that a line has heard. */
export const offsetsHeard = (line: Line): readonly string[] =>
  line.heard.flatMap(({ frame }) => (frame?.type === 'message' ? [String(frame['offset'])] : []));

/** Waits until a line has heard these messages, and a little for what should not follow. */
export async function hears(line: Line, offsets: readonly number[]): Promise<readonly string[]> {
  await until(() => offsetsHeard(line).length >= offsets.length, answerWithinMs);
  await pause(quietMs);
  return offsetsHeard(line);
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Ends a client in order, so that it does not count as lost. */
export function leave({ line }: Welcomed): void {
  line.say({ type: 'bye' });
}

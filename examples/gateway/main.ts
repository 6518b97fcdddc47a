// A device gateway: devices keep a connection, whoever minds one connects beside it. It shows what a
// service is that embeds Evenkeel: everything below is the gateway's own; the sockets, who owns which
// partition and how clients move are not. Outside of this checkout the import is 'evenkeel/instance'.
//
// A user of the directory is a device, its clients are the device itself (`device`) and its watchers.
//   command  anybody's `send` to the device: a `message` to all of its clients, by the library
//   report   {"type":"report","state":{…}} of the device: kept, and {"type":"state",…} to all of its clients

import {
  createMessages,
  FrameError,
  runInstance,
  type ClientHandler,
  type CreateService,
  type OwnFrame,
  type ReadRecord,
  type ServedClient,
} from '../../src/package/instance.js';

/** A report stands in Kafka and in memory: one that is larger is refused. */
const stateMaxBytes = 4 * 1024;

type State = Readonly<Record<string, unknown>>;

/** A report, as it stands in the topic beside the messages. */
interface Report {
  readonly device: string;
  readonly state: State;
}

export const createGateway: CreateService = (context) => {
  const messages = createMessages(context);
  /** The last known state of every device of the partitions that are read here. */
  const known = new Map<number, Map<string, State>>();

  const read: ReadRecord = (record) => {
    const report = readReport(record.value);
    if (report === null) return messages.read(record);
    const frame = stateFrame(report.state, record.offset);
    return { offset: record.offset, to: report.device, frame, key: null };
  };

  return {
    read,
    frames: [...messages.frames, 'report'],

    // Before a partition is held here its records are read already: when its devices come, all is known.
    onRecord: ({ partition, value }) => {
      const report = readReport(value);
      if (report === null) return;
      const states = known.get(partition) ?? new Map<string, State>();
      known.set(partition, states.set(report.device, report.state));
    },
    onForget: (partition) => {
      known.delete(partition);
    },

    welcomed: (client) => {
      const sends = messages.welcomed(client) ?? {};
      // Who came back gets what it missed from where it was; a newcomer is told how things stand.
      const state = known.get(client.partition)?.get(client.user);
      const isNew = client.cameBackAtMs === null || client.truncated;
      if (isNew && state !== undefined) client.send(stateFrame(state, client.next - 1));
      return withReports(client, sends);
    },
  };
};

/** Adds reports to what messages do with a client's frames. */
function withReports(client: ServedClient, sends: ClientHandler): ClientHandler {
  /** Said while the gateway might not write; only the latest counts. */
  let waiting: Report | null = null;

  const write = async (report: Report): Promise<void> => {
    // Right before writing: a process that was paused must not write first and look later.
    if (client.maySpeak()) await client.publish({ report });
    else {
      waiting = report;
      client.stalled();
    }
  };

  return {
    frame: (frame) =>
      frame.type === 'report' ? write(reportOf(client, frame)) : sends.frame?.(frame),
    resume: () => {
      sends.resume?.();
      const report = waiting;
      waiting = null;
      if (report !== null) void write(report).catch(() => undefined); // Its client is gone: it will say it again.
    },
    gone: (reason) => sends.gone?.(reason),
  };
}

/** What a device says, checked: it is as trustworthy as anybody on the network. */
function reportOf({ user, client }: ServedClient, { state }: OwnFrame): Report {
  if (client !== 'device') throw new FrameError('bad-frame', 'only the device itself reports');
  if (!isState(state)) throw new FrameError('bad-frame', 'report.state must be a JSON object');
  if (Buffer.byteLength(JSON.stringify(state)) > stateMaxBytes) {
    throw new FrameError('too-large', `report.state has at most ${stateMaxBytes} bytes`);
  }
  return { device: user, state };
}

/** Null for what is no report: a message, or somebody else's. Never throws. */
function readReport(value: string | null): Report | null {
  if (value?.startsWith('{"report":') !== true) return null;
  try {
    const { report } = JSON.parse(value) as { readonly report?: Partial<Report> };
    if (typeof report?.device !== 'string' || !isState(report.state)) return null;
    return { device: report.device, state: report.state };
  } catch {
    return null;
  }
}

function isState(value: unknown): value is State {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function stateFrame(state: State, offset: number): string {
  return JSON.stringify({ type: 'state', offset: String(offset), state });
}

if (process.env['EVENKEEL_INSTANCE'] !== undefined) await runInstance(createGateway);

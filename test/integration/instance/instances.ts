// Starts instances of the library inside the test's process on the real bus, with connections that
// are plain objects: what is tested is lease, logs, evidence and hand-over, not sockets.

import { randomUUID } from 'node:crypto';
import { connectKafka } from '../../../src/adapters/kafka.js';
import { systemClock } from '../../../src/adapters/system-clock.js';
import type { ControlMessage, OwnedRange } from '../../../src/core/records.js';
import { instanceName } from '../../../src/core/records.js';
import type {
  ClientIdentity,
  Instance,
  MoveNotice,
  ServiceConnection,
} from '../../../src/instance/api.js';
import { startInstance } from '../../../src/instance/start.js';
import { topicsOf, topicSpecs } from '../../../src/logs/topics.js';
import type { Appender, Bus, InstanceReport } from '../../../src/ports.js';

export interface FakeClient extends ServiceConnection {
  readonly identity: ClientIdentity;
  readonly heard: string[];
  state: 'new' | 'welcome' | 'gone';
  movedTo: string | null;
}

export class Service {
  readonly service = `t-${randomUUID().slice(0, 8)}`;
  readonly reports = new Map<string, InstanceReport>();
  readonly warmed: string[] = [];
  readonly events: string[] = [];
  readonly instances: Instance[] = [];

  private constructor(
    readonly bus: Bus,
    readonly partitions: number,
    private readonly appender: Appender,
  ) {}

  static async start(partitions: number): Promise<Service> {
    const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
    const bus = await connectKafka({ brokers, clientId: 'instance-test' });
    const service = new Service(bus, partitions, await bus.appender('test'));
    await bus.ensureTopics(topicSpecs(service.service, partitions));
    return service;
  }

  async instance(
    ordinal: number,
    onFrame: (instance: Instance) => void = () => undefined,
  ): Promise<Instance> {
    const name = instanceName(this.service, ordinal);
    const instance = await startInstance(
      {
        service: this.service,
        name,
        ordinal,
        partitions: this.partitions,
        url: `ws://${name}`,
        sink: {
          onRecords: () => onFrame(instance),
          onJump: () => undefined,
          onForget: () => undefined,
        },
      },
      {
        bus: this.bus,
        clock: systemClock,
        reports: {
          saveReport: async (report) => void this.reports.set(report.instance, report),
          saveWarmed: async (doc) => void this.warmed.push(doc.instance),
          latestCheckpoint: async () => null,
        },
        log: ({ event, detail }) =>
          this.events.push(`${name} ${event} ${JSON.stringify(detail ?? {})}`),
      },
    );
    this.instances.push(instance);
    return instance;
  }

  async say(
    type: 'prepare' | 'distribution',
    revision: number,
    ranges: readonly OwnedRange[],
  ): Promise<void> {
    const ordinals = [...new Set(ranges.map((range) => range[2]))];
    const message: ControlMessage = {
      type,
      epoch: 1,
      revision,
      rebalance: `r${revision}`,
      hash: JSON.stringify(ranges),
      ranges,
      instances: Object.fromEntries(
        ordinals.map((o) => [
          instanceName(this.service, o),
          { url: `ws://${instanceName(this.service, o)}` },
        ]),
      ),
      pace: { clientsPerWave: 25, acceptPerSecond: 100, partitionsPerWave: 64 },
    };
    const { control } = topicsOf(this.service);
    await this.appender.append([{ topic: control, partition: 0, value: JSON.stringify(message) }]);
  }

  client(
    identity: ClientIdentity,
    on: Instance,
    moved: (client: FakeClient, notice: MoveNotice) => void,
  ): FakeClient {
    const client: FakeClient = {
      identity,
      heard: [],
      state: 'new',
      movedTo: null,
      welcome: () => {
        client.state = 'welcome';
        client.heard.push(`welcome ${on.name}`);
      },
      disconnect: (notice) => {
        client.state = 'gone';
        client.heard.push(`disconnect ${notice.reason}`);
        client.movedTo = notice.url ?? null;
        setImmediate(() => {
          on.closed(client, notice.reason);
          moved(client, notice);
        });
      },
      redirect: (to) => {
        client.state = 'gone';
        client.heard.push(`redirect ${to.url}`);
        setImmediate(() => {
          on.closed(client, 'refused');
        });
      },
      refuse: (code) => {
        client.state = 'gone';
        client.heard.push(`refuse ${code}`);
        setImmediate(() => {
          on.closed(client, 'refused');
        });
      },
      suspend: () => undefined,
    };
    return client;
  }

  async stop(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.stop()));
    await this.appender.close();
    await this.bus.close();
  }
}

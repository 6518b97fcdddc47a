// One rebalance is one trace, seen by worker and instances without anything being sent along; and a
// collector that is away costs nothing but the spans.
import { afterEach, expect, it } from 'vitest';
import { traceIdsOf } from '../../../src/adapters/opentelemetry.js';
import { eventually } from '../../support/eventually.js';
import {
  crowdOf,
  startServiceUnderTest,
  type ServiceUnderTest,
} from '../../support/service-under-test.js';
import { startTraceCollector, type TraceCollector } from '../../support/trace-collector.js';

const variable = 'OTEL_EXPORTER_OTLP_ENDPOINT';
let under: ServiceUnderTest | undefined;
let collector: TraceCollector | undefined;

afterEach(async () => {
  delete process.env[variable];
  await under?.stop();
  await collector?.close();
  [under, collector] = [undefined, undefined];
});

/** Grows from two to three under a small crowd; the record of it. */
async function grow(service: ServiceUnderTest) {
  const { name, cluster } = service;
  const crowd = await crowdOf(service, 40);
  const window = crowd.open();
  await service.follow(await service.ask({ instances: 3 }));
  const { messages, missing } = await window.close();
  crowd.stop();
  expect({ lost: messages.lost, missing }).toEqual({ lost: 0, missing: [] });
  const [record] = await cluster.configDb.rebalances(name, 1);
  if (record === undefined) throw new Error('no record of the rebalance');
  return record;
}

it('a rebalance is one trace: its steps, both ends of each partition, and the clients that moved', async () => {
  collector = await startTraceCollector();
  process.env[variable] = collector.url;
  under = await startServiceUnderTest({ name: 'traced', instances: 2 });
  const { id, body } = await grow(under);
  const { movedClients, workflow } = body as {
    movedClients: number;
    workflow: { id: string; runId: string };
  };
  expect(movedClients).toBeGreaterThan(0);

  const { trace, root } = traceIdsOf(id);
  const taken = collector;
  const ofIt = () => taken.spans().filter(({ traceId }) => traceId === trace);
  const named = (name: string) => ofIt().filter((span) => span.name === name);
  // 120 of 360 partitions move. Each process tells its spans every few seconds.
  const counts = () =>
    ['rebalance', 'client.hello', 'handover.drain', 'handover.acquire'].map(
      (name) => named(name).length,
    );
  await eventually('everything is with the collector', () => {
    return counts().join() === [1, movedClients, 120, 120].join();
  }).catch(() => expect(counts()).toEqual([1, movedClients, 120, 120]));

  const [whole] = named('rebalance');
  expect(whole).toMatchObject({
    program: 'evenkeel-worker',
    spanId: root,
    parentSpanId: '',
    isError: false,
    attributes: {
      'evenkeel.outcome': 'completed',
      'evenkeel.rebalance': id,
      'temporal.workflow_id': workflow.id,
      'temporal.run_id': workflow.runId,
    },
  });
  const others = ofIt().filter(({ spanId }) => spanId !== root);
  expect(new Set(others.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([root]));
  const names = [...new Set(others.map(({ name }) => name))];
  const steps = [
    'reconcile',
    'plan',
    'scaleUp',
    'prepare',
    'commit',
    'notify',
    'handOver',
    'verify',
    'record',
  ];
  expect(names).toEqual(expect.arrayContaining(steps.map((step) => `saga.${step}`)));

  // Each is drained by one instance and acquired by the new one.
  const partitionsOf = (name: string) =>
    named(name).map(({ attributes }) => Number(attributes['evenkeel.partition']));
  const drained = partitionsOf('handover.drain').sort((a, b) => a - b);
  expect(partitionsOf('handover.acquire').sort((a, b) => a - b)).toEqual(drained);
  expect(named('handover.warm')).toHaveLength(1);
  for (const { startedAtMs, endedAtMs, attributes } of named('client.hello')) {
    expect(endedAtMs).toBeGreaterThanOrEqual(startedAtMs);
    expect(attributes['evenkeel.instance']).toBe(`${under.name}-2`);
  }
  process.stderr.write(`a rebalance as one trace: ${ofIt().length} spans, ${names.join(', ')}\n`);
});

it('goes on when the collector does not answer', async () => {
  process.env[variable] = 'http://127.0.0.1:9';
  under = await startServiceUnderTest({ name: 'untraced', instances: 2 });
  const { body } = await grow(under);
  expect((body as { outcome: string }).outcome).toBe('completed');
});

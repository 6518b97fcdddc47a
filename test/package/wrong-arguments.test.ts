// What plain JavaScript hands to an exported function, where no compiler looked: each mistake is an error
// that names the field, what was found and what is allowed; never a TypeError from within.

import { describe, expect, it } from 'vitest';
import * as instance from '../../src/package/instance.js';
import * as plan from '../../src/package/plan.js';
import * as testing from '../../src/package/testing.js';
import * as worker from '../../src/package/worker.js';

type Call = (...given: readonly unknown[]) => unknown;
/** Field that is named → the arguments of a call. */
type Mistakes = readonly (readonly [field: string, ...given: readonly unknown[]])[];

const nothing = () => undefined;
const clock = testing.createManualClock();
const bus = testing.createMemoryBus();
const configDb = testing.createMemoryConfigDb();
const start = { service: 's', name: 's-0', ordinal: 0, partitions: 4, url: 'ws://x' };
const around = { temporalAddress: '127.0.0.1:1', configDb, by: 'me' };
const ports = { configDb, bus, clock, platform: {}, metrics: { load: nothing } };
const two = ['a-0', 'a-1'];

const mistakes: Readonly<Record<string, Mistakes>> = {
  'instance.connectKafka': [
    ['its argument'],
    ['its argument', 'kafka:9092'],
    ['brokers', {}],
    ['brokers', { brokers: 'kafka:9092', clientId: 'x' }],
    ['brokers', { brokers: [], clientId: 'x' }],
    ['brokers', { brokers: [9092], clientId: 'x' }],
    ['clientId', { brokers: ['kafka:9092'] }],
    ['logger', { brokers: ['kafka:9092'], clientId: 'x', logger: console }],
  ],
  'instance.connectMongo': [
    ['its argument'],
    ['its argument', 'mongodb://127.0.0.1:1'],
    ['uri', {}],
    ['uri', { uri: 27017 }],
    ['database', { uri: 'mongodb://127.0.0.1:1', database: 5 }],
  ],
  'instance.createMessages': [['its argument'], ['topic', {}]],
  'instance.liveInstance': [
    ['create', undefined, {}],
    ['create', { read: nothing }, {}],
  ],
  'instance.startInstance': [
    ['its argument'],
    ['service', {}, {}],
    ['ordinal', { ...start, ordinal: '0' }, {}],
    ['partitions', { ...start, partitions: 1.5 }, {}],
    ['url', { ...start, url: undefined }, {}],
    ['its argument', start],
    ['bus', start, {}],
    ['clock', start, { bus, reports: configDb, clock: Date }],
    ['log', start, { bus, reports: configDb, clock, log: console }],
  ],
  'instance.partitionOf': [
    ['partitions', 'alice'],
    ['partitions', 'alice', 1.5],
    ['partitions', 'alice', '16'],
    ['user', undefined, 16],
    ['user', 7, 16],
  ],
  'plan.planDistribution': [
    ['input'],
    ['input', 12],
    ['partitions', {}],
    ['partitions', { partitions: '12', instances: two }],
    ['instances', { partitions: 12 }],
    ['instances', { partitions: 12, instances: 2 }],
    ['instances[0]', { partitions: 12, instances: [0, 1] }],
    ['current', { partitions: 12, instances: two, current: 5 }],
    ['current.a-0', { partitions: 12, instances: two, current: { 'a-0': 5 } }],
    ['current.a-0[0][0]', { partitions: 12, instances: two, current: { 'a-0': [null] } }],
    ['current.a-0[0][0]', { partitions: 12, instances: two, current: { 'a-0': [0, 11] } }],
    ['unowned', { partitions: 12, instances: two, unowned: 5 }],
    ['pinned[0][0]', { partitions: 12, instances: two, pinned: [3] }],
    ['weights', { partitions: 12, instances: two, weights: null }],
    ['tolerance', { partitions: 12, instances: two, tolerance: '0.1' }],
    ['capacity', { partitions: 12, instances: two, capacity: null }],
    ['capacity.a-0', { partitions: 12, instances: two, capacity: { 'a-0': '2' } }],
    ['budget.clients', { partitions: 12, instances: two, budget: { clients: '2' } }],
  ],
  'plan.formatBar': [['ownership'], ['partitions', {}], ['instances', { partitions: 4 }]],
  'plan.formatDistribution': [
    ['ownership'],
    ['instances.a', { partitions: 4, instances: { a: 1 } }],
  ],
  'plan.formatPlan': [['plan'], ['input', {}], ['partitions', {}, {}]],
  'worker.applyPolicy': [
    ['its argument'],
    ['temporalAddress', {}],
    ['configDb', { ...around, configDb: {} }, {}],
    ['by', { ...around, by: '' }, {}],
    ['its argument', around, 'service: chat'],
    ['instances', around, { service: 'chat', partitions: 4 }],
  ],
  'worker.connectKubernetes': [['its argument'], ['namespace', { namespace: 5 }]],
  'worker.connectProcesses': [['its argument'], ['url', {}], ['token', { url: 'http://x' }]],
  'worker.metricsFromReports': [['configDb'], ['clock', configDb]],
  'worker.parsePolicy': [['text'], ['text', {}], ['text', { service: 'chat' }]],
  'worker.prometheusSource': [['its argument'], ['url', {}]],
  'worker.runWorker': [
    ['its argument'],
    ['temporalAddress', {}],
    ['ports', { temporalAddress: '127.0.0.1:1' }],
    ['configDb', { temporalAddress: '127.0.0.1:1', ports: {} }],
    ['metrics', { temporalAddress: '127.0.0.1:1', ports: { ...ports, metrics: nothing } }],
  ],
  'testing.createManualClock': [
    ['wallMs', '5'],
    ['wallMs', NaN],
  ],
  'testing.createMemoryBus': [
    ['its argument', 5],
    ['nowMs', { nowMs: 5 }],
  ],
  'testing.simulateCluster': [
    ['its argument'],
    ['create', {}],
    ...[undefined, '5', -1, 0, 0.5, 1e9, NaN].map(
      (instances) => ['instances', { create: nothing, instances }] as const,
    ),
    ['partitions', { create: nothing, instances: 1, partitions: '16' }],
    ['service', { create: nothing, instances: 1, service: '' }],
  ],
};

const exported: Readonly<Record<string, object>> = { instance, plan, worker, testing };
const called = (name: string): Call => {
  const [entry = '', of = ''] = name.split('.');
  return (exported[entry] as Record<string, Call>)[of] as Call;
};
/** Not called with anything wrong: they take none, or are looked at elsewhere. */
const others = ['instance.runInstance', 'instance.sentenceOf', 'testing.createMemoryConfigDb'];

describe.each(Object.entries(mistakes))('%s', (name, calls) => {
  it.each(calls)('names %s, what it found and what it takes', async (field, ...given) => {
    const error = await (async () => called(name)(...given))().then(
      () => 'it was taken',
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    const { message, allowed } = error as Error & { allowed?: string };
    const isOurs = /^(BadInputError|PlanInputError)$/.test((error as Error).name);
    if (isOurs) {
      expect(error).toMatchObject({ field });
      expect(message).toContain(allowed ?? 'what is allowed');
    } else {
      expect(message).toMatch(new RegExp(`^${String(field)} is .*: (give|say)`));
    }
  });
});

it('are looked for in every function of these entries', () => {
  const functions = Object.entries(exported).flatMap(([entry, names]) =>
    Object.entries(names)
      .filter(([, value]) => typeof value === 'function' && !/^class/.test(String(value)))
      .map(([name]) => `${entry}.${name}`),
  );
  const same = ['plan.partitionOf', 'worker.connectKafka', 'worker.connectMongo'];
  expect(functions.sort()).toEqual([...Object.keys(mistakes), ...others, ...same].sort());
});

it('are found in what a simulated cluster is asked for', async () => {
  const cluster = await testing.simulateCluster({
    create: () => ({ read: () => null }),
    instances: 1,
  });
  try {
    for (const wanted of [undefined, '2', -1, 0, 0.5, 1e9]) {
      await expect(cluster.resize(wanted as never)).rejects.toMatchObject({ field: 'instances' });
    }
    expect(() => cluster.connect(5 as never)).toThrow('connect: user is 5; give a text');
    const publish = cluster.publish('alice', 'text' as never);
    await expect(publish).rejects.toThrow('publish: value is "text"; give an object');
  } finally {
    await cluster.stop();
  }
});

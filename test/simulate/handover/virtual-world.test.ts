// What simulated worlds stand on: virtual time, processes that pause and end, and a Kafka that keeps
// the laws of the port.
import { describe, expect, it } from 'vitest';
import { SimKafka } from '../../../src/simulate/handover/kafka.js';
import { Process } from '../../../src/simulate/handover/process.js';
import { Kernel } from '../../../src/simulate/kernel.js';
import { randomOf } from '../../../src/simulate/random.js';

const calm = { requestMs: () => 2, deliveryMs: () => 5, duplicates: 0, failures: 0 };
const steady = { rate: 1, skewMs: 0 };

function given(weather = calm) {
  const kernel = new Kernel();
  const kafka = new SimKafka(kernel, randomOf(1), weather);
  const process = new Process(kernel, 'p', steady);
  const read: string[] = [];
  kafka.open(process, { topic: 't', partition: 0, from: 0 }, (records) => {
    for (const { value } of records) read.push(`${value}@${kernel.nowMs}`);
  });
  const out = (value: string) => ({ topic: 't', partition: 0, value });
  return { kernel, kafka, process, read, out };
}

describe('virtual time', () => {
  it('takes events by time, then in the order of planning', async () => {
    const kernel = new Kernel();
    const seen: string[] = [];
    for (const [at, name] of [
      [5, 'c'],
      [1, 'a'],
      [5, 'd'],
      [3, 'b'],
    ] as const)
      kernel.at(at, () => seen.push(`${name}${kernel.nowMs}`));
    const cancel = kernel.at(4, () => seen.push('never'));
    cancel();
    await kernel.run();
    expect(seen).toEqual(['a1', 'b3', 'c5', 'd5']);
  });

  it('lets promises follow before the next event', async () => {
    const kernel = new Kernel();
    const seen: string[] = [];
    void kernel.sleep(1).then(async () => {
      await Promise.resolve();
      seen.push('slept');
    });
    kernel.at(1, () => seen.push('next'));
    await kernel.run();
    expect(seen).toEqual(['slept', 'next']);
  });
});

describe('a simulated process', () => {
  it('handles what reached it in a pause afterwards, in order, and its beats once', async () => {
    const { kernel, process } = given();
    const seen: string[] = [];
    process.pause();
    kernel.at(1, () => process.deliver(() => seen.push(`a${kernel.nowMs}`)));
    kernel.at(2, () => process.deliver(() => seen.push(`b${kernel.nowMs}`)));
    const cancel = process.every(1, () => seen.push('beat'));
    kernel.at(10, () => process.resume());
    kernel.at(10.5, cancel);
    await kernel.run();
    expect(seen).toEqual(['a10', 'beat', 'b10']);
  });

  it('handles nothing after its end', async () => {
    const { kernel, process } = given();
    process.later(() => expect.unreachable(), 5);
    kernel.at(1, () => process.end());
    await kernel.run();
    expect(process.alive).toBe(false);
  });

  it('has a clock of its own', async () => {
    const kernel = new Kernel();
    const fast = new Process(kernel, 'fast', { rate: 1.1, skewMs: 0 });
    fast.later(() => expect(kernel.nowMs).toBeCloseTo(100), 110);
    await kernel.run();
    expect(fast.clock.monotonicMs()).toBeCloseTo(110);
  });
});

describe('a simulated Kafka', () => {
  it('acknowledges in order, groups what waits, and readers see it later', async () => {
    const { kernel, kafka, process, read, out } = given();
    const appender = kafka.appender(process);
    const acks: string[] = [];
    for (const value of ['a', 'b', 'c'])
      void appender.append([out(value)]).then(([at]) => acks.push(`${value}${at}@${kernel.nowMs}`));
    await kernel.run();
    expect(acks).toEqual(['a0@4', 'b1@8', 'c2@8']);
    expect(read).toEqual(['a@7', 'b@7', 'c@7']);
  });

  it('writes what a dead process had sent', async () => {
    const { kernel, kafka, process, out } = given();
    void kafka.appender(process).append([out('last words')]);
    kernel.at(1, () => process.end());
    await kernel.run();
    expect(kafka.log('t', 0).records.length).toBe(1);
  });

  it('keeps everybody waiting while it is away', async () => {
    const { kernel, kafka, process, read, out } = given();
    kafka.goAway(1_000);
    void kafka.appender(process).append([out('a')]);
    await kernel.run();
    expect(read).toEqual(['a@1007']);
  });

  it('writes twice, and leaves the outcome open, where the weather says so', async () => {
    const twice = given({ ...calm, duplicates: 1 });
    await Promise.all([
      twice.kafka.appender(twice.process).append([twice.out('a')]),
      twice.kernel.run(),
    ]);
    expect(twice.kafka.log('t', 0).records.length).toBe(2);
    const failing = given({ ...calm, failures: 1 });
    const appender = failing.kafka.appender(failing.process);
    const outcomes = Promise.allSettled([
      appender.append([failing.out('a')]),
      appender.append([failing.out('b')]),
    ]);
    await failing.kernel.run();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

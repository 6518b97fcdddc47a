// Records in all five topics of a running instance on an in-memory bus. An input is a list of
// `topic/partition text`. Whatever stands there, the instance stays up and its readers go on.

import type { Topics } from '../../src/logs/topics.js';
import { partitions, service, startLoneInstance } from '../instance.js';
import { mutated } from '../mutate.js';
import type { Random } from '../random.js';
import { expectThat, type Target } from '../target.js';
import { recordOf } from './samples.js';
import { trimLogs, until } from './turns.js';

const counts: Readonly<Record<keyof Topics, number>> = {
  ...{ messages: partitions, control: 1, ownership: 1, sessions: 12, leases: 12 },
};
const names = Object.keys(counts) as (keyof Topics)[];

export async function openTopics(): Promise<Target> {
  const lone = await startLoneInstance();
  const { bus, instance } = lone;
  await lone.distribute(1, 1);
  await until('everything is held', () => instance.status().held === partitions);
  let executed = 0;

  return {
    name: 'topics',
    generate: (random: Random) =>
      Array.from({ length: 1 + random.below(6) }, () => {
        const name = random.pick(names);
        const record = mutated(JSON.stringify(recordOf(name, random)), random);
        return `${name}/${random.below(counts[name])} ${record}`;
      }),
    execute: async (steps) => {
      for (const step of steps) {
        const [, name, partition, text = ''] = /^(\w+)\/(\d+) ([^]*)$/.exec(step) ?? [];
        const topic = names.find((one) => one === name);
        if (topic === undefined || Number(partition) >= counts[topic]) continue;
        await lone.put(topic, Number(partition), text);
      }
      await until('', () => false, 4);
      const { state, held, revision, epoch } = instance.status();
      expectThat(state === 'ready', `the instance is ${state}`);
      expectThat(lone.faults.length === 0, `a reader stopped: ${String(lone.faults[0])}`);
      expectThat(held >= 0 && held <= partitions, `${held} partitions are held`);
      expectThat(Number.isSafeInteger(revision + epoch), `revision ${revision}, epoch ${epoch}`);
      executed += 1;
      if (executed % 200 === 0) await trimLogs(bus, service);
    },
    close: () => lone.close(),
  };
}

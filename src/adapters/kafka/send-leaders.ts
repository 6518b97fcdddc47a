// Who leads which partition, remembered for the sends of all appenders of a bus. Only a hint: a
// wrong answer costs a repeat, never a record.

import type { OutRecord } from '../../ports.js';
import type { SendLeaders } from './appender.js';
import { knownLeaders, refreshLeaders, type Leaders } from './brokers.js';
import { within, type Link } from './link.js';

export function createSendLeaders(link: Link): SendLeaders {
  const leaders = new Map<string, Leaders>();
  let asked = false;

  async function learn(topic: string, deadline: number): Promise<Leaders | undefined> {
    const known = leaders.get(topic);
    if (known !== undefined) return known;
    const ask = asked ? refreshLeaders : knownLeaders;
    const answer = link.ask(`leaders of ${topic}`, (cluster) => ask(cluster, topic));
    const late = () => new Error('no answer in time');
    const found = await within(answer, deadline - performance.now(), late).catch(() => undefined);
    if (found !== undefined) leaders.set(topic, found);
    return found;
  }

  return {
    async sharing(records, deadline) {
      const nodes = new Map<OutRecord, string | undefined>();
      for (const record of records) {
        const known = leaders.get(record.topic) ?? (await learn(record.topic, deadline));
        nodes.set(record, known?.get(record.partition));
      }
      const [first] = records;
      const node = first === undefined ? undefined : nodes.get(first);
      return records.filter((record) => nodes.get(record) === node);
    },
    forget() {
      leaders.clear();
      asked = true;
    },
  };
}

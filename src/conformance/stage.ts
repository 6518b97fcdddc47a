// The control plane and the other instance of a service of the kit's own, played from a script: nothing
// happens that a check did not ask for. Owns revisions and the peer's records; judges nothing.

import {
  instanceName,
  offsetText,
  type ControlMessage,
  type OwnedRange,
  type Pace,
} from '../core/records.js';
import { fenceIncarnation } from '../logs/fence.js';
import { ownershipEntry, topicsOf } from '../logs/topics.js';
import type { Appender, Bus } from '../ports.js';
import type { Journal } from './journal.js';
import type { Said, Stage } from './scene.js';

export interface StageOptions {
  readonly bus: Bus;
  readonly appender: Appender;
  readonly journal: Journal;
  readonly service: string;
  /** P */
  readonly partitions: number;
  /** Of the instance under test, whose ordinal is 0. */
  readonly url: string;
  readonly run: string;
}

/** Nobody listens there: no client of the kit follows a `disconnect`. */
const peerUrl = 'ws://peer.invalid:9';
const firstEpoch = 7;
const usualPace: Pace = { clientsPerWave: 25, acceptPerSecond: 100, partitionsPerWave: 64 };

/** Says the first distribution; the peer acquires what is its own. */
export async function openStage(options: StageOptions, first: readonly number[]): Promise<Stage> {
  const { bus, appender, journal, service, partitions, url, run } = options;
  const topics = topicsOf(service);
  const all = Array.from({ length: partitions }, (_, p) => p);
  const names = [instanceName(service, 0), instanceName(service, 1)] as const;
  let lives = 1;
  let unreadable = 0;
  let said: Said = { epoch: firstEpoch, revision: 0 };
  let goal: readonly number[] = [];
  const peer = {
    instance: names[1],
    url: peerUrl,
    get incarnation() {
      return `kit-${run}-${lives}`;
    },
  };

  const put = async (topic: string, value: string): Promise<number> => {
    const [offset] = await appender.append([{ topic, partition: 0, value }]);
    return offset ?? -1;
  };
  const orderOf = (
    type: 'distribution' | 'prepare',
    mine: readonly number[],
    { epoch, revision }: Said,
    rebalance: string,
    pace = usualPace,
  ): ControlMessage => ({
    type,
    epoch,
    revision,
    rebalance,
    hash: `${revision}:${mine.join('-')}`,
    ranges: rangesOf(mine, partitions),
    instances: { [names[0]]: { url }, [names[1]]: { url: peerUrl, incarnation: peer.incarnation } },
    pace,
  });

  const stage: Stage = {
    peer,
    mine: () => goal,
    said: () => said,
    distribute: async (mine, { as, pace } = {}) => {
      // Beyond what was said besides, so that an instance that obeyed it is not lost for what follows.
      const next = as ?? { epoch: said.epoch, revision: said.revision + 10 };
      const order = orderOf('distribution', mine, next, `kit-${run}`, pace);
      await put(topics.control, JSON.stringify(order));
      if (as === undefined) {
        said = next;
        goal = mine;
      }
      return next.revision;
    },
    prepare: async (mine, rebalance) => {
      const next = { epoch: said.epoch, revision: said.revision + 10 };
      await put(topics.control, JSON.stringify(orderOf('prepare', mine, next, rebalance)));
    },
    say: async (type) => {
      await put(topics.control, JSON.stringify({ type, ...said, rebalance: `kit-${run}` }));
    },
    sayRaw: async (value) => void (await put(topics.control, value)),
    writeOwnership: async (value, spoilt) => {
      if (spoilt !== undefined) unreadable += 1;
      await put(topics.ownership, value);
    },
    unreadable: () => unreadable,
    peerDoes: async (type, partition) => {
      await journal.caughtUp('ownership');
      const last = journal.view.last(partition);
      const [end] = await bus.bounds(topics.messages, [partition]);
      const record = ownershipEntry(service, {
        type,
        partition,
        revision: Math.max(said.revision, last?.revision ?? 0),
        instance: peer.instance,
        incarnation: peer.incarnation,
        prev: last === null ? null : offsetText(last.offset),
        next: offsetText(end?.high ?? 0),
        ...(type === 'acquired' ? { url: peerUrl } : {}),
      });
      const [offset = -1] = await appender.append([record]);
      await journal.caughtUp('ownership');
      return offset;
    },
    fence: async (instance, incarnation) => {
      await fenceIncarnation({
        bus,
        appender,
        service,
        clock: { monotonicMs: () => performance.now(), wallMs: () => Date.now() },
        victim: { instance, incarnation },
        by: `conformance/${run}`,
        ...(instance === peer.instance ? { hasEnded: () => Promise.resolve(true) } : {}),
      });
      await journal.caughtUp('ownership');
    },
    losePeer: async () => {
      await stage.fence(peer.instance, peer.incarnation);
      lives += 1;
    },
  };
  await stage.distribute(first);
  for (const p of all.filter((one) => !first.includes(one))) await stage.peerDoes('acquired', p);
  return stage;
}

/** The partitions of ordinal 0, and the rest for ordinal 1, as ranges. */
function rangesOf(mine: readonly number[], partitions: number): readonly OwnedRange[] {
  const owners = new Set(mine);
  const ranges: [number, number, number][] = [];
  for (let p = 0; p < partitions; p += 1) {
    const ordinal = owners.has(p) ? 0 : 1;
    const last = ranges.at(-1);
    if (last?.[2] === ordinal) last[1] = p;
    else ranges.push([p, p, ordinal]);
  }
  return ranges;
}

// Owns: one change, planned by us and by every peer, measured by the same code. A hashing peer knows
// no start: it is asked twice, before and after. Every answer is checked to be a tiling.
import type { BenchCase, Figures, PeerFigures } from '../report.js';
import { kafkaLeaderName, kafkaStickyName, type KafkaSticky } from '../peers/kafka-sticky.js';
import { firstOf, type Peer } from '../peers/peer.js';
import { timed, type Patience } from '../timing.js';
import { balanceOf, boundOf, movedWeight, ratio, type Change } from './measures.js';
import { answerOf, inputOf, planOf } from './ours.js';
import { assertTiling, type Owners } from './owners.js';
import { startOf, type Scenario } from './scenarios.js';

export interface Comparison {
  readonly patience: Patience;
  readonly peersPatience: Patience;
  readonly jvmPatience: Patience;
  readonly peers: readonly Peer[];
  /** Or why there is none. */
  readonly kafka: KafkaSticky | string;
}

export async function compare(scenario: Scenario, how: Comparison): Promise<BenchCase> {
  const { change } = scenario;
  const before = startOf(scenario);
  const bound = boundOf(change, before);
  const ours = runOurs(change, before, bound, how.patience);
  const peers: PeerFigures[] = [];
  const omitted: { name: string; why: string }[] = [];
  const beside = (name: string, version: string, figures: Figures): void => {
    peers.push({ name, version, ...figures, timesOurs: (figures['ms'] as number) / ours.ms });
  };
  if (typeof how.kafka === 'string') omitted.push({ name: kafkaStickyName, why: how.kafka });
  else {
    const { play } = how.kafka;
    const start = { owners: before, instances: change.instancesBefore };
    for (const [name, way] of [
      [kafkaStickyName, 'assign'],
      [kafkaLeaderName, 'lead'],
    ] as const) {
      const answer = await play(start, [change.instancesAfter], how.jvmPatience, way);
      const after = answer.owners[0] ?? new Int32Array();
      assertTiling(name, after, change.partitions, change.instancesAfter);
      beside(name, answer.version, {
        ms: answer.ms[0],
        ...figuresOf(change, before, after, bound),
      });
    }
  }
  for (const peer of how.peers) {
    const why = peer.refuses?.(change);
    if (why !== undefined) omitted.push({ name: peer.name, why });
    else beside(peer.name, peer.version, runPeer(peer, change, before, bound, how.peersPatience));
  }
  return { name: scenario.name, params: paramsOf(scenario), ours, peers, omitted };
}

function runOurs(change: Change, before: Owners, bound: number, patience: Patience) {
  const input = inputOf(change, before);
  const { result, ms, runs } = timed(() => planOf(input), patience);
  const after = answerOf(result, change.partitions);
  assertTiling('the planner', after, change.partitions, change.instancesAfter);
  const { lowerBound } = result.moved;
  return { ms, runs, ...figuresOf(change, before, after, bound), certifiedBound: lowerBound };
}

function runPeer(
  peer: Peer,
  change: Change,
  before: Owners,
  bound: number,
  patience: Patience,
): Figures {
  const first = peer.stateful
    ? before
    : peer.assign(firstOf(change, change.instancesBefore), new Int32Array());
  const { result, ms, runs } = timed(() => peer.assign(change, first), patience);
  assertTiling(peer.name, result, change.partitions, change.instancesAfter);
  return { ms, runs, ...figuresOf(change, first, result, bound) };
}

/** What an answer is worth. `bound` is that of the case for everybody: what this change must move. */
export function figuresOf(change: Change, before: Owners, after: Owners, bound: number) {
  const moved = movedWeight(before, after, change.weights);
  return {
    moved,
    bound,
    movedOverBound: ratio(moved, bound),
    ...balanceOf(after, change.instancesAfter, change.weights),
  };
}

export function paramsOf({ change, fragments, seed }: Scenario): BenchCase['params'] {
  const { partitions, instancesBefore, instancesAfter, weights, tolerance } = change;
  return {
    partitions,
    instancesBefore,
    instancesAfter,
    weights: weights === undefined ? 'equal' : 'log-normal',
    tolerance,
    fragments,
    seed,
  };
}

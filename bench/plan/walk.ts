// Owns: a long life: hundreds of scale events in a row, each planned from what the one before left.
// What one plan hides, ownership that breaks into ever more ranges, shows here.
import { kafkaStickyName, type KafkaSticky } from '../peers/kafka-sticky.js';
import { firstOf, type Peer } from '../peers/peer.js';
import { logNormalWeights, randomOf } from '../random.js';
import type { BenchCase, Figures, PeerFigures } from '../report.js';
import { median, type Patience } from '../timing.js';
import { evenRanges } from '../peers/even-ranges.js';
import { balanceOf, boundOf, movedWeight, ratio, type Change } from './measures.js';
import { answerOf, inputOf, planOf } from './ours.js';
import { assertTiling, type Owners } from './owners.js';

export interface Walk {
  readonly partitions: number;
  readonly weighted: boolean;
  readonly tolerance: number;
  readonly events: number;
  readonly checkpointEvery: number;
  readonly instancesMin: number;
  readonly instancesMax: number;
  /** Where it begins; half-way between the ends when absent. */
  readonly instancesFirst?: number;
  readonly seed: number;
}

interface Step {
  readonly ms: number;
  readonly before: Owners;
  readonly after: Owners;
}

const oneRun: Patience = { warmUpMs: 0, timedMs: 0, runsMin: 1 };

/** One instance more or less at a time, at random between the ends, the highest ordinal leaves. */
export function countsOf(of: Walk): number[] {
  const { events, instancesMin, instancesMax, seed } = of;
  const random = randomOf(seed);
  let count = firstCount(of);
  return Array.from({ length: events }, () => {
    const up = count === instancesMin || (count < instancesMax && random() < 0.5);
    count += up ? 1 : -1;
    return count;
  });
}

function firstCount({ instancesMin, instancesMax, instancesFirst }: Walk): number {
  return instancesFirst ?? Math.round((instancesMin + instancesMax) / 2);
}

export async function walk(
  of: Walk,
  peers: readonly Peer[],
  kafka: KafkaSticky | string,
): Promise<BenchCase> {
  const weights = of.weighted ? logNormalWeights(of.partitions, of.seed) : undefined;
  const first = firstCount(of);
  const counts = [first, ...countsOf(of)];
  const changes = counts.slice(1).map((instancesAfter, i): Change => ({
    partitions: of.partitions,
    instancesBefore: counts[i] as number,
    instancesAfter,
    weights,
    tolerance: of.tolerance,
  }));
  const firstChange = changes[0] as Change;
  const start = evenRanges.assign(firstOf(firstChange, first), new Int32Array());
  const bounds: number[] = [];
  const ours = play(changes, start, (change, before) => {
    bounds.push(boundOf(change, before));
    const input = inputOf(change, before);
    const startedMs = performance.now();
    const plan = planOf(input);
    const ms = performance.now() - startedMs;
    return { ms, before, after: answerOf(plan, change.partitions) };
  });
  const summary = (who: string, steps: Iterable<Step>) =>
    summarize(who, of, changes, bounds, steps);
  const oursFigures = summary('the planner', ours);
  const figures: PeerFigures[] = [];
  const omitted: { name: string; why: string }[] = [];
  if (typeof kafka === 'string') omitted.push({ name: kafkaStickyName, why: kafka });
  else {
    const played = await kafka.play({ owners: start, instances: first }, counts.slice(1), oneRun);
    const steps = played.owners.map((after, i) => ({
      ms: played.ms[i] as number,
      before: played.owners[i - 1] ?? start,
      after,
    }));
    figures.push({
      name: kafkaStickyName,
      version: played.version,
      ...summary(kafkaStickyName, steps),
    });
  }
  for (const peer of peers) {
    const own = peer.stateful ? start : peer.assign(firstOf(firstChange, first), start);
    const steps = play(changes, own, (change, before) => {
      const startedMs = performance.now();
      const after = peer.assign(change, before);
      return { ms: performance.now() - startedMs, before, after };
    });
    figures.push({ name: peer.name, version: peer.version, ...summary(peer.name, steps) });
  }
  return { name: nameOfWalk(of), params: { ...of }, ours: oursFigures, peers: figures, omitted };
}

function nameOfWalk({ weighted }: Walk): string {
  return weighted ? 'walk, weighted' : 'walk, equal';
}

function* play(
  changes: readonly Change[],
  start: Owners,
  next: (change: Change, before: Owners) => Step,
): Generator<Step> {
  let before = start;
  for (const change of changes) {
    const step = next(change, before);
    yield step;
    before = step.after;
  }
}

/** Time is the median event; movement is over all events; balance the worst of any event. */
function summarize(
  who: string,
  of: Walk,
  changes: readonly Change[],
  bounds: readonly number[],
  steps: Iterable<Step>,
): Figures {
  const times: number[] = [];
  const checkpoints: Figures[] = [];
  let [moved, bound, worst] = [0, 0, 0];
  let last: Figures = {};
  let event = 0;
  for (const { ms, before, after } of steps) {
    const { instancesAfter, weights } = changes[event] as Change;
    assertTiling(who, after, of.partitions, instancesAfter);
    times.push(ms);
    moved += movedWeight(before, after, weights);
    bound += bounds[event] as number;
    const balance = balanceOf(after, instancesAfter, weights);
    worst = Math.max(worst, balance.maxOverMean);
    const { rangesPerInstance, rangesMax } = balance;
    event += 1;
    last = {
      event,
      instances: instancesAfter,
      movedOverBound: ratio(moved, bound),
      maxOverMean: worst,
      rangesPerInstance,
      rangesMax,
    };
    if (event % of.checkpointEvery === 0) checkpoints.push(last);
  }
  const { movedOverBound, rangesPerInstance, rangesMax } = last;
  return {
    ms: median(times),
    movedOverBound,
    maxOverMean: worst,
    rangesPerInstance,
    rangesMax,
    checkpoints,
  };
}

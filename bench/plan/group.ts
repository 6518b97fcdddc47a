// Owns: the benchmarks of the planner in their order, and which peers stand beside it.
import { boundedRing, hashRing } from '../peers/hash-ring.js';
import { evenRanges } from '../peers/even-ranges.js';
import { findKafkaSticky } from '../peers/kafka-sticky.js';
import { minimalMovement } from '../peers/minimal-movement.js';
import { rendezvous } from '../peers/rendezvous.js';
import type { BenchGroup, GroupRun } from '../group.js';
import type { BenchCase } from '../report.js';
import { fullPatience, jvmPatience, quickPatience, slowPatience } from '../timing.js';
import { changesCase, type Changes } from './changes.js';
import { compare, type Comparison } from './compare.js';
import { frontierCase, type Frontier } from './frontier.js';
import { growthCase, growthScenarios } from './growth.js';
import { memoryOf } from './memory.js';
import { scenarios, type Scenario } from './scenarios.js';
import { markdownOf, textOf } from './tables.js';
import { walk, type Walk } from './walk.js';

const peers = [hashRing, boundedRing, rendezvous, evenRanges, minimalMovement];
/** From here on the memory of a plan is worth a process of its own. */
const memoryFromPartitions = 1_000_000;

export const planGroup: BenchGroup = {
  name: 'plan',
  about: 'the planner beside Kafka’s sticky assignor, hashing, even ranges',
  run: runPlan,
  textOf,
  markdownOf,
};

async function* runPlan({ quick, seed, say }: GroupRun): AsyncGenerator<BenchCase> {
  const patience = quick
    ? { patience: quickPatience, peersPatience: quickPatience, jvmPatience: quickPatience }
    : { patience: fullPatience, peersPatience: slowPatience, jvmPatience };
  const kafka = await findKafkaSticky(!quick, say);
  if (typeof kafka === 'string') say(`Kafka's sticky assignor is left out: ${kafka}`);
  try {
    const steps = stepsOf(quick, seed, { ...patience, peers, kafka });
    for (const [i, { what, run }] of steps.entries()) {
      say(`plan ${i + 1}/${steps.length}: ${what}`);
      yield await run();
    }
  } finally {
    if (typeof kafka !== 'string') kafka.close();
  }
}

interface Step {
  readonly what: string;
  readonly run: () => Promise<BenchCase>;
}

function stepsOf(quick: boolean, seed: number, how: Comparison): Step[] {
  return [
    ...scenarios(quick, seed).map((scenario) => ({
      what: `${scenario.name}, ${scenario.change.partitions} partitions`,
      run: async () => withMemory(scenario, await compare(scenario, how)),
    })),
    ...walks(quick, seed).map((of) => ({
      what: `walk of ${of.events} events`,
      run: () => walk(of, peers, how.kafka),
    })),
    ...frontiers(quick, seed).map((frontier) => ({
      what: `frontier, tolerance ${frontier.of.tolerance}`,
      run: () => frontierCase(frontier),
    })),
    ...manyChanges(quick, seed).map((of) => ({
      what: `${of.changes} random changes, weights ${of.weights}`,
      run: () => Promise.resolve(changesCase(of)),
    })),
    ...growthScenarios(quick, seed).map((scenario) => ({
      what: scenario.name,
      run: () => growthCase(scenario, how.patience),
    })),
  ];
}

async function withMemory(scenario: Scenario, of: BenchCase): Promise<BenchCase> {
  if (scenario.change.partitions < memoryFromPartitions) return of;
  return { ...of, ours: { ...of.ours, memory: await memoryOf(scenario) } };
}

function walkSize(quick: boolean) {
  return quick
    ? { partitions: 2_000, events: 40, checkpointEvery: 20, instancesMin: 5, instancesMax: 12 }
    : { partitions: 20_000, events: 500, checkpointEvery: 100, instancesMin: 20, instancesMax: 80 };
}

/** The more tolerance, the fewer ranges; from the fewest instances on and from half-way. */
function frontiers(quick: boolean, seed: number): Frontier[] {
  const size = walkSize(quick);
  const walks = quick ? 1 : 8;
  return [true, false].flatMap((fromFewest) => {
    const first = fromFewest ? { instancesFirst: size.instancesMin } : {};
    const at = (tolerance: number, weighted: boolean): Frontier => ({
      of: { ...size, ...first, weighted, tolerance, seed },
      walks,
    });
    const equal = [0, 0.02, 0.05, 0.1, 0.2].map((tolerance) => at(tolerance, false));
    return [...equal, at(0.1, true)];
  });
}

function manyChanges(quick: boolean, seed: number): Changes[] {
  const size = { partitions: quick ? 2_000 : 20_000, instancesMax: quick ? 20 : 200, seed };
  const changes = quick ? 20 : 1_000;
  return [
    { ...size, weights: 'equal', tolerance: 0, changes: quick ? 50 : 10_000 },
    { ...size, weights: 'log-normal', tolerance: 0.1, changes },
    { ...size, weights: 'zipf', tolerance: 0.1, changes },
  ];
}

/** Tolerance 0 and 0.1 with equal weights, and 0.1 with weights. */
function walks(quick: boolean, seed: number): Walk[] {
  const size = walkSize(quick);
  return [
    { ...size, weighted: false, tolerance: 0, seed },
    { ...size, weighted: false, tolerance: 0.1, seed },
    { ...size, weighted: true, tolerance: 0.1, seed },
  ];
}

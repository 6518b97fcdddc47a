// Owns: forced rebalances of a service with clients, all instances warm: how long from the signal until
// the first client is told to move, and what the saga's own time is made of. Never judges a time.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RebalanceRequest } from '../../activities/types.js';
import { rebalanceIdOf } from '../../src/cli/temporal.js';
import { startFleet, type Fleet } from '../../src/load/fleet.js';
import type { RebalanceResult } from '../../workflows/messages.js';
import type { GroupRun } from '../group.js';
import { readEvidence } from '../handover/evidence.js';
import { figuresOf, when, type Measured } from '../handover/runs.js';
import { partitions, startWorld, type World } from '../handover/world.js';
import type { BenchCase } from '../report.js';
import { temporalCommand, type TemporalCommand } from './command.js';
import { sagaTimes, type SagaStep } from './history.js';

/** The chat goes on undisturbed before each signal: nothing of the change before is still under way. */
const steadyMs = 1_500;

export interface ForcedSize {
  readonly clients: number;
  readonly messagesPerSecond: number;
  readonly instances: number;
  readonly rounds: number;
  /** Whether each round also shrinks, for which it grows again at its end. */
  readonly shrinks: boolean;
}

export interface Forced extends Measured {
  /** From the signal, as the server has it, to the first DISCONNECT at a client, and to the last. */
  readonly toldAfterMs: number;
  readonly allToldAfterMs: number;
  /** Clients that were told to move and arrived, and those of the saga's record. */
  readonly told: number;
  readonly recorded: number;
  /** From the start of the command to its end: mostly its own start. */
  readonly commandMs: number;
  readonly totalMs: number;
  readonly overheadMs: number;
  readonly steps: readonly SagaStep[];
}

interface Scene {
  readonly world: World;
  readonly fleet: Fleet;
  readonly command: TemporalCommand;
  overlaps: number;
}

/** Runs on the stack of the environment, or on one of its own; ends everything that it starts. */
export async function* forcedCases(
  size: ForcedSize,
  say: GroupRun['say'],
): AsyncGenerator<BenchCase> {
  const { clients, messagesPerSecond, instances, rounds, shrinks } = size;
  const world = await startWorld(instances, say);
  let fleet: Fleet | undefined;
  try {
    const { directoryUrl, directoryKey } = world.service;
    const who = { prefix: 'forced', users: clients, devices: 1, processes: 1, messagesPerSecond };
    fleet = await startFleet({ directoryUrl, directoryKey, ...who });
    await fleet.joined();
    const command = await temporalCommand(world.cluster.env['TEMPORAL_ADDRESS'] ?? '', say);
    const scene: Scene = { world, fleet, command, overlaps: 0 };
    const flows = flowsOf(world.name, instances, shrinks);
    for (let round = 1; round <= rounds; round += 1) {
      for (const { flow, from, to, asked } of flows) {
        say(`forced ${flow} ${from} → ${to}, round ${round}/${rounds}`);
        const ours = await forcedRun(scene, asked);
        for (const sentence of ours.wrong) say(`WRONG: ${flow}: ${sentence}`);
        const params = { kind: 'forced', flow, from, to, round, rounds };
        const name = `forced ${flow} ${from} → ${to}`;
        yield { name, params: { ...params, clients, partitions }, ours, peers: [] };
      }
      if (shrinks && round < rounds) await world.rebalance(instances);
    }
  } finally {
    await fleet?.stop();
    await world.stop();
  }
}

/** Each leaves what the next one needs; no instance has to start for any of them. */
function flowsOf(service: string, instances: number, shrinks: boolean) {
  const fewer = instances - 1;
  const asked = (more: Partial<RebalanceRequest>) => more;
  const flows = [
    { flow: 'drain', from: instances, to: fewer, asked: asked({ drain: [`${service}-1`] }) },
    { flow: 'grow', from: fewer, to: instances, asked: asked({}) },
    { flow: 'shrink', from: instances, to: fewer, asked: asked({ instances: fewer }) },
  ];
  return flows.slice(0, shrinks ? 3 : 2);
}

async function forcedRun(scene: Scene, asked: Partial<RebalanceRequest>): Promise<Forced> {
  const { world, fleet, command } = scene;
  const { cluster, name } = world;
  const window = fleet.open();
  await sleep(steadyMs);
  const request = { requestId: randomUUID(), reason: 'a benchmark', source: 'operator' } as const;
  const { tookMs: commandMs } = await command.force(name, cluster.taskQueue, {
    ...request,
    ...asked,
  });
  // The latest run: the command has ended, and nobody else asks.
  const { runId } = await cluster.temporal.workflow.getHandle(rebalanceIdOf(name)).describe();
  const run = cluster.temporal.workflow.getHandle(rebalanceIdOf(name), runId);
  const { outcomes } = (await run.result()) as RebalanceResult;
  const outcome = outcomes.find(({ requestId }) => requestId === request.requestId);
  if (outcome?.outcome !== 'completed')
    throw new Error(`it ended as ${outcome?.text ?? 'nothing'}`);
  const seen = await window.close();
  const revision = outcome.revision ?? 0;
  const logs = await readEvidence(world, { revision });
  const { signalledAtMs, steps, totalMs, overheadMs } = sagaTimes(await run.fetchHistory());
  const toldAtMs = seen.steps.map(({ disconnectedAtMs }) => disconnectedAtMs).sort((a, b) => a - b);
  const told = seen.movedTo.get(revision) ?? 0;
  const recorded = outcome.movedClients;
  const figures = figuresOf(
    { world, fleet, overlapsBefore: scene.overlaps },
    seen,
    logs,
    seen.planned,
    told,
    [
      ...when(told === 0, 'nobody was told to move'),
      ...when(told !== recorded, `${told} clients moved, ${recorded} by the record`),
      ...when(seen.lost.n > 0, `${seen.lost.n} clients lost their connection`),
    ],
  );
  scene.overlaps += figures.overlaps;
  return {
    ...figures,
    toldAfterMs: (toldAtMs[0] ?? NaN) - signalledAtMs,
    allToldAfterMs: (toldAtMs.at(-1) ?? NaN) - signalledAtMs,
    told,
    recorded,
    commandMs,
    totalMs,
    overheadMs,
    steps,
  };
}

// Owns: sagas of a service with very many partitions and instances, on the real Temporal server with
// instances in memory: how long, and how much the server has to keep of each. Never judges a time.
import type { RebalanceRequest } from '../../activities/types.js';
import { connect } from '../../activities/connections.js';
import { createActivities } from '../../activities/index.js';
import { putInForce } from '../../faults/by-hand.js';
import { settled } from '../../faults/check.js';
import { openMemoryService, type MemoryService } from '../../faults/memory-service.js';
import { openStand, type Stand } from '../../faults/stand.js';
import { policyDefaults } from '../../src/core/scaling/policy.js';
import type { OwnedRange } from '../../src/core/records.js';
import type { RebalanceResult } from '../../workflows/messages.js';
import type { GroupRun } from '../group.js';
import type { BenchCase, Figures } from '../report.js';
import { historySize, sagaTimes, spanMs, type HistorySize, type SagaStep } from './history.js';

export interface LargeSize {
  readonly partitions: number;
  /** A multiple of four. */
  readonly instances: number;
}

export interface Large extends Figures, HistorySize {
  readonly planToRecordMs: number;
  readonly totalMs: number;
  readonly movedClients: number;
  readonly outcome: string;
  readonly steps: readonly SagaStep[];
  /** What does not hold afterwards, by the invariants' names. */
  readonly wrong: readonly string[];
}

let services = 0;

/** On the Temporal server at the address. */
export async function* largeCases(
  { partitions, instances }: LargeSize,
  address: string,
  say: GroupRun['say'],
  workflowBundlePath?: string,
): AsyncGenerator<BenchCase> {
  const stand = await openStand(address, workflowBundlePath);
  services += 1;
  const { instanceStartMs, prepareMs, notifyMs, handOverStallMs } = policyDefaults;
  const bounds = { instanceStartMs, prepareMs, notifyMs, handOverStallMs };
  const world = await openMemoryService({
    service: `large${process.pid}x${services}`,
    partitions,
    replicas: instances,
    policy: { instances: { min: 1, max: instances + 1 }, ...bounds },
    clientsPerPartition: () => 1,
  });
  const connections = connect(world.ports);
  stand.route(world.service, createActivities(world.ports, connections));
  const one = async (flow: string, from: number, to: number): Promise<BenchCase> => {
    say(`large ${flow}: ${partitions} partitions, ${from} → ${to} instances`);
    const ours = await largeRun(stand, world, { instances: to });
    for (const sentence of ours.wrong) say(`WRONG: ${flow}: ${sentence}`);
    const params = { kind: 'large', flow, from, to, partitions };
    return { name: `large ${flow} ${from} → ${to}`, params, ours, peers: [] };
  };
  try {
    say(`${instances} instances take ${partitions} partitions …`);
    await (await stand.request(world.service, {})).result();
    yield await one('grow', instances, instances + 1);
    yield await one('shrink', instances + 1, instances);
    await putInForce(world, unevenRanges(partitions, instances));
    const violation = await settled(world);
    if (violation !== undefined) throw new Error(`the uneven start failed: ${violation}`);
    yield await one('in-place', instances, instances);
  } finally {
    await stand.close();
    await world.simulated.stopAll();
    await connections.close();
  }
}

async function largeRun(
  { client, request }: Stand,
  world: MemoryService,
  asked: Partial<RebalanceRequest>,
): Promise<Large> {
  const run = await request(world.service, { ...asked, reason: 'a benchmark' });
  const { outcomes } = (await run.result()) as RebalanceResult;
  const [outcome] = outcomes;
  const history = await client.workflow.getHandle(run.workflowId, run.signaledRunId).fetchHistory();
  const violation = await settled(world);
  const { steps, totalMs } = sagaTimes(history);
  return {
    ...historySize(history),
    planToRecordMs: spanMs(history, 'plan', 'record'),
    totalMs,
    movedClients: outcome?.movedClients ?? 0,
    outcome: outcome?.outcome ?? 'none',
    steps,
    wrong: violation === undefined ? [] : [violation],
  };
}

/** The first half of the instances have half more than their share, the others half of it. */
function unevenRanges(partitions: number, instances: number): readonly OwnedRange[] {
  const share = partitions / instances;
  let from = 0;
  return Array.from({ length: instances }, (_, ordinal) => {
    const until = Math.round((ordinal < instances / 2 ? 1.5 : 0.5) * share + from);
    const last = ordinal === instances - 1 ? partitions : until;
    const range = [from, last - 1, ordinal] as const;
    from = last;
    return range;
  });
}

// Owns: where the time of a planned move goes: the steps of each moved client, seen by the client
// itself and by the append times of the logs, as percentiles. Pure; both use one machine's wall clock.
import { clientName } from '../../src/load/crowd.js';
import type { MoveSteps } from '../../src/load/sockets.js';
import type { LogTimes } from './evidence.js';

/** Steps in their order; the first five follow each other on the way through the instances … */
const wayThroughInstances = [
  'told → last closed of its partition',
  '→ released',
  '→ acquired',
  '→ opened',
  '→ welcome',
] as const;
/** … while the client does these side by side with them. */
const wayOfClient = ['told → socket destroyed', '→ dialled', '→ open', '→ hello'] as const;
const waits = ['hello → welcome', 'told → welcome'] as const;

export const stepNames = [...wayThroughInstances, ...wayOfClient, ...waits] as const;

export interface StepFigures {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Milliseconds by step, over all clients whose steps are known on both sides. */
export function timelineOf(
  steps: readonly MoveSteps[],
  times: LogTimes,
): Readonly<Record<string, StepFigures>> {
  const lastClosed = new Map<number, number>();
  for (const { partition, atMs } of times.closed.values()) {
    lastClosed.set(partition, Math.max(lastClosed.get(partition) ?? 0, atMs));
  }
  const spent = new Map<string, number[]>(stepNames.map((name) => [name, []]));
  for (const step of steps) {
    const opened = times.opened.get(`${step.user}/${clientName(step.device)}`);
    if (opened === undefined) continue;
    const closedAtMs = lastClosed.get(opened.partition);
    const releasedAtMs = times.released.get(opened.partition);
    const acquiredAtMs = times.acquired.get(opened.partition);
    if (closedAtMs === undefined || releasedAtMs === undefined || acquiredAtMs === undefined) {
      continue;
    }
    const { disconnectedAtMs, destroyedAtMs, dialledAtMs, openedAtMs, helloAtMs, welcomedAtMs } =
      step;
    const inTurn: readonly (readonly [readonly string[], readonly number[]])[] = [
      [
        wayThroughInstances,
        [disconnectedAtMs, closedAtMs, releasedAtMs, acquiredAtMs, opened.atMs, welcomedAtMs],
      ],
      [wayOfClient, [disconnectedAtMs, destroyedAtMs, dialledAtMs, openedAtMs, helloAtMs]],
      [[waits[0]], [helloAtMs, welcomedAtMs]],
      [[waits[1]], [disconnectedAtMs, welcomedAtMs]],
    ];
    for (const [names, moments] of inTurn) {
      names.forEach((name, i) => {
        spent.get(name)?.push((moments[i + 1] ?? 0) - (moments[i] ?? 0));
      });
    }
  }
  return Object.fromEntries([...spent].map(([name, all]) => [name, figuresOf(all)]));
}

function figuresOf(all: readonly number[]): StepFigures {
  const sorted = [...all].sort((a, b) => a - b);
  const at = (share: number): number =>
    round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

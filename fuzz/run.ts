// The loop: turns of all targets, a slice of time or a number of executions each, until the end or the
// first failure, which it cuts down. Owns counts and the measurement of memory; prints nothing.

import { seededRandom } from './random.js';
import { shrink } from './shrink.js';
import type { Target } from './target.js';

export interface FuzzOptions {
  readonly targets: readonly Target[];
  readonly seed: number;
  /** Ends after this, or … */
  readonly seconds?: number;
  /** … after so many executions of each target. */
  readonly executions?: number;
  /** What failed outside of an execution: errors that nobody awaited. Emptied by whoever looks. */
  readonly strays?: unknown[];
  /** Forces a collection of garbage, so that memory can be compared. */
  readonly collect?: () => void;
  readonly onSlice?: (progress: FuzzProgress) => void;
}

export interface FuzzProgress {
  readonly elapsedMs: number;
  readonly executions: Readonly<Record<string, number>>;
}

export interface FuzzFailure {
  readonly target: string;
  /** Reproduces the input: `--seed` and the number of the execution. */
  readonly seed: number;
  readonly execution: number;
  readonly error: string;
  readonly input: readonly string[];
}

export interface FuzzReport extends FuzzProgress {
  readonly seed: number;
  readonly perSecond: number;
  /** Of the heap, after a collection: when everything was warm, and at the end. */
  readonly memoryMb: { readonly start: number; readonly end: number; readonly max: number };
  readonly failure?: FuzzFailure;
}

/** A target's turn, by time. */
const sliceMs = 500;
/** Memory counts from here on: caches, compiled code and bounded tables have filled by then. */
const warmShare = 0.2;
const samplesMax = 20;

export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { targets, seed, strays = [] } = options;
  const beganMs = performance.now();
  const totalMs = (options.seconds ?? Infinity) * 1_000;
  const executions: Record<string, number> = {};
  for (const { name } of targets) executions[name] = 0;
  const elapsed = () => performance.now() - beganMs;
  const samples: number[] = [];
  let failure: FuzzFailure | undefined;

  const sample = (): void => {
    options.collect?.();
    samples.push(process.memoryUsage().heapUsed / 1024 / 1024);
  };
  const isDone = (target: Target): boolean =>
    elapsed() >= totalMs || (executions[target.name] as number) >= (options.executions ?? Infinity);

  const slice = async (target: Target): Promise<void> => {
    const untilMs = Math.min(totalMs, elapsed() + sliceMs);
    while (failure === undefined && !isDone(target) && elapsed() < untilMs) {
      const execution = executions[target.name] as number;
      executions[target.name] = execution + 1;
      const input = target.generate(seededRandom(mixed(seed, target.name, execution)));
      const error = await failureOf(target, input, strays);
      if (error === undefined) continue;
      const smallest = await shrink(input, async (steps) => {
        return (await failureOf(target, steps, strays)) !== undefined;
      });
      const said = (await failureOf(target, smallest, strays)) ?? error;
      failure = { target: target.name, seed, execution, error: said, input: smallest };
    }
  };

  while (failure === undefined && !targets.every(isDone)) {
    for (const target of targets) await slice(target);
    options.onSlice?.({ elapsedMs: elapsed(), executions });
    const isDue =
      elapsed() >= totalMs * (warmShare + samples.length * ((1 - warmShare) / samplesMax));
    if (isDue) sample();
  }
  sample();
  const count = Object.values(executions).reduce((sum, n) => sum + n, 0);
  return {
    seed,
    executions,
    elapsedMs: Math.round(elapsed()),
    perSecond: Math.round(count / (elapsed() / 1_000)),
    memoryMb: {
      start: rounded(samples[0] ?? 0),
      end: rounded(samples.at(-1) ?? 0),
      max: rounded(Math.max(...samples)),
    },
    ...(failure === undefined ? {} : { failure }),
  };
}

/** Undefined when everything that must hold does. */
async function failureOf(
  target: Target,
  steps: readonly string[],
  strays: unknown[],
): Promise<string | undefined> {
  try {
    await target.execute(steps);
  } catch (error) {
    return describe(error);
  }
  const stray = strays.splice(0);
  return stray.length === 0 ? undefined : `nobody awaited: ${describe(stray[0])}`;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Each execution has randomness of its own, so that one can be repeated alone. */
function mixed(seed: number, name: string, execution: number): number {
  let hash = seed ^ Math.imul(execution + 1, 0x9e3779b1);
  for (const character of name)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x85ebca6b);
  return hash >>> 0;
}

function rounded(mb: number): number {
  return Math.round(mb * 10) / 10;
}

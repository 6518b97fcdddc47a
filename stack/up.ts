// Owns: the stack that outlives its command: `up` and `down`, what is told about it, and its logs.
// It ends only processes that it can prove to be those it wrote down.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stackHome, withLock } from './checkout.js';
import { processGuard, stopIdentities } from './guarded.js';
import { partNames, type PartName, type PartOrigin } from './part.js';
import { tailOf } from './programs.js';
import { checkPart, startStack, variableOf, type StartOptions } from './start.js';
import {
  isAlive,
  isUp,
  readRuns,
  readUp,
  removeUp,
  writeUp,
  type PublishedRun,
  type UpState,
} from './state.js';

const upLock = join(stackHome, 'up.lock');

/** One part as `status` tells it. */
export interface PartReport {
  /** answering · silent (its process lives) · dead. */
  readonly state: 'answering' | 'silent' | 'dead';
  readonly address?: string;
  readonly origin: PartOrigin;
  readonly pid?: number;
  readonly why?: string;
}

export interface StackReport {
  /** False when nothing runs, or something that should answer does not. */
  readonly ok: boolean;
  readonly runs: readonly {
    readonly kind: 'up' | 'run';
    readonly pid?: number;
    readonly dataDir?: string;
    readonly parts: Readonly<Partial<Record<PartName, PartReport>>>;
    readonly env: Readonly<Record<string, string>>;
  }[];
}

/**
 * Starts the stack and leaves it running. What is up and whole already stays as it is, and parts that it
 * lacks are added to it; the remains of one that lost a part are ended first. Interrupted, it leaves nothing
 * that was not up before.
 */
export async function bringUp(
  parts: readonly PartName[],
  onProgress: (line: string) => void,
): Promise<{ alreadyUp: boolean; env: Readonly<Record<string, string>> }> {
  return withLock(upLock, async () => {
    const time = new Date().toISOString().replace(/\D/g, '').slice(0, 17);
    const before = readUp();
    if (before !== undefined && isUp(before)) {
      const missing = parts.filter((name) => before.parts[name] === undefined);
      if (missing.length === 0) return { alreadyUp: true, env: before.env };
      onProgress(
        `up already, and stays: ${Object.keys(before.parts).join(', ')}; added: ${missing.join(', ')}`,
      );
      // Not where an earlier try of the same part may have left something.
      const added = { parts: missing, dataDir: join(before.dataDir, time), onProgress };
      return { alreadyUp: false, env: await startLasting(added, before) };
    }
    if (before !== undefined) {
      onProgress('a part has died since it was started: ending the others first');
      await endState(before, false);
    }
    // Under the lock and with nothing up, whatever is left there is of a run that failed.
    rmSync(join(stackHome, 'up'), { recursive: true, force: true });
    const dataDir = join(stackHome, 'up', time);
    const state = { env: {}, dataDir, parts: {}, startedAtMs: Date.now() };
    return { alreadyUp: false, env: await startLasting({ parts, dataDir, onProgress }, state) };
  });
}

/** Starts parts beside what is up, writes both down, and lets go of them. All addresses. */
async function startLasting(options: StartOptions, beside: UpState): Promise<UpState['env']> {
  const stack = await startStack({ ...options, lasting: true });
  const env = { ...beside.env, ...stack.env };
  writeUp({ ...beside, env, parts: { ...beside.parts, ...stack.parts } });
  await processGuard().release();
  return env;
}

/** Ends what `up` started. Returns the names of the parts that were still alive. */
export async function bringDown(options: {
  keepData: boolean;
}): Promise<{ ended: string[]; dataDir: string | undefined }> {
  return withLock(upLock, async () => {
    const state = readUp();
    if (state === undefined) return { ended: [], dataDir: undefined };
    return { ended: await endState(state, options.keepData), dataDir: state.dataDir };
  });
}

/** What runs for this checkout, and whether it answers. */
export async function describeStack(): Promise<StackReport> {
  const up = readUp();
  const kept: { kind: 'up' | 'run'; pid?: number; run: PublishedRun }[] = [
    ...(up === undefined ? [] : [{ kind: 'up' as const, run: up }]),
    ...readRuns().map((run) => ({ kind: 'run' as const, pid: run.owner.pid, run })),
  ];
  const runs = await Promise.all(
    kept.map(async ({ run, ...about }) => ({
      ...about,
      ...(run.dataDir === undefined ? {} : { dataDir: run.dataDir }),
      parts: await describeParts(run),
      env: run.env,
    })),
  );
  const parts = runs.flatMap((run) => Object.values(run.parts));
  return { ok: runs.length > 0 && parts.every((part) => part.state === 'answering'), runs };
}

/** The ends of the log files of everything that runs for this checkout. */
export function readLogs(
  part: PartName | undefined,
  lines: number,
): { part: PartName; path: string; text: string }[] {
  const up = readUp();
  const logs = [];
  for (const run of [...(up === undefined ? [] : [up]), ...readRuns()]) {
    for (const name of partNames) {
      const path = run.parts[name]?.logFile;
      if (path === undefined || (part !== undefined && part !== name)) continue;
      logs.push({ part: name, path, text: tailOf(readOr(path, ''), lines) });
    }
  }
  return logs;
}

async function describeParts(run: PublishedRun): Promise<Partial<Record<PartName, PartReport>>> {
  const reports: Partial<Record<PartName, PartReport>> = {};
  await Promise.all(
    partNames.map(async (name) => {
      const part = run.parts[name];
      if (part === undefined) return;
      const address = run.env[variableOf(name)];
      const about = {
        origin: part.origin,
        ...(address === undefined ? {} : { address: address.replace(/\/\/[^@/]*@/, '//***@') }),
        ...(part.pid === undefined ? {} : { pid: part.pid }),
      };
      if (!isAlive(part)) {
        reports[name] = { state: 'dead', ...about };
        return;
      }
      const why = await checkPart(name, address ?? '');
      reports[name] =
        why === undefined ? { state: 'answering', ...about } : { state: 'silent', ...about, why };
    }),
  );
  return reports;
}

async function endState(state: UpState, keepData: boolean): Promise<string[]> {
  const own = Object.entries(state.parts).flatMap(([name, { pid, startId }]) =>
    pid === undefined ? [] : [{ name, pid, startId }],
  );
  const ended = await stopIdentities(own);
  removeUp();
  if (!keepData) rmSync(state.dataDir, { recursive: true, force: true, maxRetries: 5 });
  return own.filter(({ pid }) => ended.includes(pid)).map(({ name }) => name);
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

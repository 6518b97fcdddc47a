// Owns: what other processes of this checkout can learn about what runs here: the state of the stack
// that `up` left running, and one file per live process that publishes addresses. Every pid in them
// goes with its start time, and files of dead processes count for nothing. Starts and ends nothing.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isSameProcess, stackHome, type ProcessIdentity } from './checkout.js';
import type { PartName } from './part.js';
import type { PartStatus } from './running-part.js';

/** What is published about a run of the stack. */
export interface PublishedRun {
  readonly env: Readonly<Record<string, string>>;
  readonly dataDir?: string;
  readonly parts: Readonly<Partial<Record<PartName, PartStatus>>>;
}

/** The stack that `stack up` left running. */
export interface UpState extends PublishedRun {
  readonly dataDir: string;
  readonly startedAtMs: number;
}

interface RunFile extends PublishedRun {
  readonly owner: ProcessIdentity;
  readonly publishedAtMs: number;
}

const empty: PublishedRun = { env: {}, parts: {} };
let own: PublishedRun = empty;

/** Directories are arguments for tests only; everybody else means this checkout. */
const statePath = (home: string) => join(home, 'state.json');
const runsDir = (home: string) => join(home, 'runs');

/** Publishes this process's stack until `remove`, or its end. */
export function publishRun(run: PublishedRun, home = stackHome): { remove(): void } {
  own = { ...run, env: { ...run.env, ...own.env } };
  writeOwn(home);
  return {
    remove: () => {
      own = empty;
      rmSync(ownPath(home), { force: true });
    },
  };
}

/**
 * Adds addresses (KEY → value) that lead to what this process runs, so that `stack env` and the CLI
 * of this checkout find them while this process lives. The file is readable by this user only.
 */
export function publishEnv(entries: Readonly<Record<string, string>>, home = stackHome): void {
  own = { ...own, env: { ...own.env, ...entries } };
  writeOwn(home);
}

/**
 * The addresses of everything that runs for this checkout: what `stack up` started, then what live
 * processes published, the latest winning. Empty when nothing runs.
 */
export function readRunningEnv(home = stackHome): Record<string, string> {
  const env: Record<string, string> = {};
  const up = readUp(home);
  if (up !== undefined && isUp(up)) Object.assign(env, up.env);
  for (const run of readRuns(home)) Object.assign(env, run.env);
  return env;
}

/** Live processes that publish, the latest last; files of dead ones are removed. */
export function readRuns(home = stackHome): RunFile[] {
  const runs: RunFile[] = [];
  for (const name of listed(runsDir(home))) {
    const path = join(runsDir(home), name);
    const run = readJson<RunFile>(path);
    if (run === undefined) continue;
    if (isSameProcess(run.owner)) runs.push(run);
    else rmSync(path, { force: true });
  }
  return runs.sort((a, b) => a.publishedAtMs - b.publishedAtMs);
}

/** What `stack up` wrote down, whether or not it still runs. */
export function readUp(home = stackHome): UpState | undefined {
  return readJson<UpState>(statePath(home));
}

export function writeUp(state: UpState, home = stackHome): void {
  writeJson(statePath(home), state);
}

export function removeUp(home = stackHome): void {
  rmSync(statePath(home), { force: true });
}

/** True while every part that `up` started is the process it started then. */
export function isUp(state: UpState): boolean {
  return Object.values(state.parts).every(isAlive);
}

/** True for a part that runs elsewhere, and for one whose process is still the same. */
export function isAlive(part: PartStatus): boolean {
  return part.pid === undefined || isSameProcess({ pid: part.pid, startId: part.startId });
}

const ownPath = (home: string) => join(runsDir(home), `${process.pid}.json`);

function writeOwn(home: string): void {
  writeJson(ownPath(home), {
    ...own,
    owner: identityOf(process.pid),
    publishedAtMs: Date.now(),
  } satisfies RunFile);
}

/** By way of a second file, so that a reader never sees half of it. */
function writeJson(path: string, value: object): void {
  mkdirSync(join(path, '..'), { recursive: true });
  const next = `${path}.${process.pid}.next`;
  writeFileSync(next, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, path);
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

function listed(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => /^\d+\.json$/.test(name));
  } catch {
    return [];
  }
}

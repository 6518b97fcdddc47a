// Owns: the processes that must die with this one: it starts them in groups of their own, tells the
// guard process about them, and stops them politely first. Never decides what to start.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDir, identityOf, isSameProcess } from './checkout.js';

/** From the polite signal to the one that cannot be refused. */
export const stopGraceMs = 5_000;
/** From the end of a process to that of its group: until then its ports and locks may be held. */
const groupEndMs = 2_000;
const pollMs = 25;

/** A process that dies with this one. */
export interface GuardedProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves (never rejects) when it has ended: exit code, or null and the signal. */
  readonly exited: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
  }>;
  /** False once it has ended. */
  isRunning(): boolean;
  /** Ends its whole process group: `signal` (SIGTERM), a bounded wait, then SIGKILL. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<void>;
  /** Sends a signal to its process group (SIGSTOP and SIGCONT pause and resume it). */
  signal(signal: NodeJS.Signals): void;
}

export interface SpawnOptions {
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Standard output and error are appended here; without it they are thrown away. */
  readonly logFile?: string;
}

/** The guard of one process: whatever it watches dies when this process ends, by whatever way. */
export interface Guard {
  /** Watches a process (and its group) started elsewhere. */
  watch(pid: number): void;
  unwatch(pid: number): void;
  /** Removes the directory after everything watched has died. */
  removeAtEnd(directory: string): void;
  /** Takes `removeAtEnd` back: its logs are wanted. */
  keep(directory: string): void;
  /** Lets everything watched live on: what `stack up` does at its end. Resolves when it is told. */
  release(): Promise<void>;
  readonly runId: string;
}

let guard: (Guard & { child: ChildProcess }) | undefined;

/** The guard of this process; started at the first call. */
export function processGuard(): Guard {
  guard ??= startGuard();
  return guard;
}

/** True when the process group of `pid` was reached; signal 0 only asks whether there is one. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Whether any process of the group still runs; those that nobody has reaped hold nothing. */
function groupLives(group: number): boolean {
  if (!signalGroup(group, 0)) return false;
  if (!existsSync('/proc/self/stat')) return true;
  return readdirSync('/proc').some((entry) => {
    try {
      // After the name, which may contain anything: state, parent, process group.
      const stat = readFileSync(`/proc/${Number(entry)}/stat`, 'utf8');
      const [state, , owner] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(owner) === group && state !== 'Z';
    } catch {
      return false; // No process, or one that has just ended.
    }
  });
}

/**
 * Starts a program that dies with this process: on its normal end, Ctrl-C, crash and kill -9.
 * Throws when the program cannot be started at all (not found, not executable).
 */
export async function spawnGuarded(
  name: string,
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<GuardedProcess> {
  const watcher = processGuard();
  const log = options.logFile === undefined ? 'ignore' : openSync(options.logFile, 'a');
  const child = spawn(command, args, {
    detached: true, // A group of its own: the terminal's Ctrl-C must reach only this process.
    stdio: ['ignore', log, log],
    env: { ...process.env, ...options.env, EVENKEEL_RUN_ID: watcher.runId },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  if (log !== 'ignore') closeSync(log);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(new Error(`${name}: cannot start ${command}: ${cause.message}`, { cause })),
    );
  });
  const pid = child.pid as number;
  watcher.watch(pid);
  child.unref(); // Whoever owns the run decides how long this process lives, not its children.
  let running = true;
  void exited.then(() => {
    running = false;
    watcher.unwatch(pid);
  });
  return {
    name,
    pid,
    exited,
    isRunning: () => running,
    signal: (signal) => void signalGroup(pid, signal),
    stop: async (signal = 'SIGTERM', graceMs = stopGraceMs) => {
      if (!running) return;
      signalGroup(pid, signal);
      signalGroup(pid, 'SIGCONT'); // A paused process cannot end politely.
      const ended = await endsWithin(() => !running, graceMs);
      if (!ended) signalGroup(pid, 'SIGKILL');
      // An unreferenced child alone would not keep this process alive until its exit is seen.
      await endsWithin(() => !running, stopGraceMs);
      await endsWithin(() => !groupLives(pid), groupEndMs);
    },
  };
}

/**
 * Ends process groups that an earlier process started, each only if it is still the same process.
 * Returns the pids that were alive.
 */
export async function stopIdentities(
  identities: readonly { pid: number; startId?: string | undefined }[],
): Promise<number[]> {
  const alive = identities.filter((identity) => isSameProcess(identity));
  for (const { pid } of alive) {
    signalGroup(pid, 'SIGTERM');
    signalGroup(pid, 'SIGCONT');
  }
  const over = () => alive.every((identity) => !isSameProcess(identity));
  if (!(await endsWithin(over, stopGraceMs))) {
    for (const identity of alive) if (isSameProcess(identity)) signalGroup(identity.pid, 'SIGKILL');
    await endsWithin(over, stopGraceMs);
  }
  return alive.map(({ pid }) => pid);
}

async function endsWithin(over: () => boolean, waitMs: number): Promise<boolean> {
  const untilMs = Date.now() + waitMs;
  while (!over()) {
    if (Date.now() > untilMs) return false;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return true;
}

function startGuard(): Guard & { child: ChildProcess } {
  const runId = randomUUID();
  const env = { ...process.env };
  delete env['EVENKEEL_RUN_ID']; // A guard is not one of the processes that an outer guard ends.
  const child = spawn(process.execPath, [join(checkoutDir, 'stack', 'guard.mjs'), runId], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env,
  });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  child.stdin.on('error', () => undefined); // The guard ended after `release`: nothing to tell it.
  child.on('error', () => undefined);
  const tell = (message: object) => void child.stdin.write(`${JSON.stringify(message)}\n`);
  return {
    child,
    runId,
    watch: (pid) => tell({ watch: identityOf(pid) }),
    unwatch: (pid) => tell({ unwatch: pid }),
    removeAtEnd: (directory) => tell({ remove: directory }),
    keep: (directory) => tell({ keep: directory }),
    release: () =>
      new Promise((resolve) => {
        child.stdin.write(`${JSON.stringify({ release: true })}\n`, () => resolve());
      }),
  };
}

// Owns: a run of the stack: its parts are resolved and started side by side, and it ends as a whole
// when this process does. Never looks at what other runs of this checkout do.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, runsDataDir } from './checkout.js';
import { processGuard } from './guarded.js';
import { PartError, usualParts, type Part, type PartName } from './part.js';
import { kafka } from './parts/kafka.js';
import { kubernetes } from './parts/kubernetes.js';
import { mongo } from './parts/mongo.js';
import { temporal } from './parts/temporal.js';
import { startPart, type PartStatus, type RunningPart } from './running-part.js';
import { publishRun } from './state.js';

export { spawnGuarded, processGuard, type GuardedProcess, type Guard } from './guarded.js';
export { publishEnv, readRunningEnv } from './state.js';
export { partNames, PartError, type PartName } from './part.js';
export type { PartStatus } from './running-part.js';

const parts: Readonly<Record<PartName, Part>> = { temporal, kafka, mongo, kubernetes };

/** Data directories of runs that ended badly, kept for a look at their logs. */
const endedRunsKeptMax = 3;

export interface StartOptions {
  /** Default: all but Kubernetes. */
  readonly parts?: readonly PartName[];
  /** Default: a new directory below `.stack/data`, which is removed at the end. */
  readonly dataDir?: string;
  /** Called with one line of text, without a newline, for a person who waits. */
  readonly onProgress?: (line: string) => void;
  /** Lets `stack env`, `stack status` and the CLI of this checkout find this run while it lives. */
  readonly publish?: boolean;
  /** It will run for minutes or more: rather fast then than soon. */
  readonly lasting?: boolean;
}

/** A stack that dies with this process, by whatever way it ends. */
export interface RunningStack {
  /** TEMPORAL_ADDRESS, TEMPORAL_UI_URL, KAFKA_BROKERS, MONGODB_URI of the parts asked for. */
  readonly env: Readonly<Record<string, string>>;
  readonly dataDir: string;
  readonly parts: Readonly<Partial<Record<PartName, PartStatus>>>;
  /** Ends everything and removes a data directory that was made here. */
  stop(): Promise<void>;
  /** Ends one part; `SIGKILL` is a crash. Throws PartError for one that is not ours. */
  stopPart(name: PartName, signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same ports and data. */
  startPart(name: PartName): Promise<void>;
  /** Freezes a part, as a paused machine would, until `resumePart`. */
  pausePart(name: PartName): void;
  resumePart(name: PartName): void;
}

/**
 * Finds (environment, PATH, cache, download, build) and starts the parts, and waits until each
 * answers. Throws PartError, with nothing left running, when one cannot be had.
 */
export async function startStack(options: StartOptions = {}): Promise<RunningStack> {
  const names = options.parts ?? usualParts;
  const progress = options.onProgress ?? (() => undefined);
  const dataDir = options.dataDir ?? newDataDir();
  const running = new Map<PartName, RunningPart>();
  const outside = new Map<PartName, { env: Record<string, string>; status: PartStatus }>();
  let stopped = false;

  const stop = async () => {
    stopped = true;
    await Promise.all([...running.values()].map((part) => part.stop()));
    published?.remove();
    if (options.dataDir === undefined) removeDirectory(dataDir);
  };
  const bringUp = async (name: PartName) => {
    const part = parts[name];
    const say = (line: string) => progress(`${name}: ${line}`);
    const program = await part.find(say);
    if (stopped) return;
    const startedAtMs = Date.now();
    const started = await startPart(part, program, dataDir, options.lasting);
    running.set(name, started);
    if (stopped) return started.stop();
    const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
    say(`${started.env[part.variable] ?? ''} (from ${program.origin}) after ${seconds} s`);
  };
  const own = (name: PartName): RunningPart => {
    const part = running.get(name);
    if (part !== undefined) return part;
    throw new PartError(name, `${name} is not run by this stack, so it cannot be stopped by it`);
  };

  let published: { remove(): void } | undefined;
  try {
    // A wrong address is found at once, not after another part was built for minutes.
    await Promise.all(
      names.filter(isGiven).map(async (name) => outside.set(name, await adopt(name, progress))),
    );
    mkdirSync(dataDir, { recursive: true });
    if (options.dataDir === undefined) processGuard().removeAtEnd(dataDir);
    await Promise.all(names.filter((name) => !isGiven(name)).map(bringUp));
  } catch (error) {
    stopped = true;
    processGuard().keep(dataDir); // The error names a log file in it.
    await Promise.all([...running.values()].map((part) => part.stop('SIGKILL')));
    throw error;
  }
  const status = () => {
    const known = names.map((name) => [
      name,
      running.get(name)?.status() ?? outside.get(name)?.status,
    ]);
    return Object.fromEntries(known) as Partial<Record<PartName, PartStatus>>;
  };
  const env: Record<string, string> = {};
  for (const name of names) Object.assign(env, running.get(name)?.env ?? outside.get(name)?.env);
  if (options.publish === true) published = publishRun({ env, dataDir, parts: status() });
  return {
    env,
    dataDir,
    get parts() {
      return status();
    },
    stop,
    stopPart: (name, signal) => own(name).stop(signal),
    startPart: (name) => own(name).start(),
    pausePart: (name) => own(name).pause(),
    resumePart: (name) => own(name).resume(),
  };
}

/** The environment variable that names a part: `TEMPORAL_ADDRESS`, `KAFKA_BROKERS` … */
export function variableOf(name: PartName): string {
  return parts[name].variable;
}

/** Undefined when the part answers at this address; otherwise what is wrong there. */
export async function checkPart(name: PartName, address: string): Promise<string | undefined> {
  try {
    await parts[name].check(address);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isGiven(name: PartName): boolean {
  return (process.env[parts[name].variable] ?? '') !== '';
}

/** Takes a part that runs elsewhere, if what answers at its address is really that. */
async function adopt(
  name: PartName,
  progress: (line: string) => void,
): Promise<{ env: Record<string, string>; status: PartStatus }> {
  const { variable, product, check, env: variables } = parts[name];
  const address = process.env[variable] ?? '';
  const shown = address.replace(/\/\/[^@/]*@/, '//***@');
  try {
    await check(address);
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).replaceAll(
      address,
      shown,
    );
    throw new PartError(
      name,
      `${variable} is set to ${shown}, but ${product} does not answer there: ${reason}. ` +
        `Correct it, or unset it and a local one is started.`,
      cause,
    );
  }
  const env: Record<string, string> = {};
  for (const key of Object.keys(variables([], ''))) {
    const value = process.env[key];
    if (value !== undefined && value !== '') env[key] = value;
  }
  progress(`${name}: ${shown} (from ${variable})`);
  return { env, status: { origin: 'environment', ports: [], running: true } };
}

/** A directory named after the process that owns it, so that leftovers of dead ones can be told. */
function newDataDir(): string {
  mkdirSync(runsDataDir, { recursive: true });
  const ended = readdirSync(runsDataDir)
    .filter((name) => !isOwned(name))
    .sort();
  for (const name of ended.slice(0, -endedRunsKeptMax)) removeDirectory(join(runsDataDir, name));
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 17);
  const { pid, startId = '' } = identityOf(process.pid);
  return join(runsDataDir, `${time}_${pid}_${startId.replaceAll(/[^\w]/g, '-')}`);
}

function isOwned(name: string): boolean {
  const [, pid, start = ''] = name.split('_');
  const { startId } = identityOf(Number(pid));
  return startId !== undefined && startId.replaceAll(/[^\w]/g, '-') === start;
}

function removeDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

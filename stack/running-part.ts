// Owns: the life of one part in one run: ports, data directory, start, health, stop, start again on
// the same ports and data. Never finds or builds programs.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf } from './checkout.js';
import { spawnGuarded, type GuardedProcess } from './guarded.js';
import { PartError, type Part, type PartOrigin, type PartProgram, type PartRun } from './part.js';
import { isListening, isPortFree, reservePorts } from './ports.js';
import { tailOf } from './programs.js';

const healthPollMs = 100;
/** Starts of one part, each on other ports, when a foreign program takes a port meanwhile. */
const startAttemptsMax = 3;

/** What can be told and written down about a part. */
export interface PartStatus {
  readonly origin: PartOrigin;
  readonly ports: readonly number[];
  readonly running: boolean;
  readonly pid?: number;
  readonly startId?: string;
  readonly logFile?: string;
}

/** A part that this process started. */
export interface RunningPart {
  readonly env: Readonly<Record<string, string>>;
  status(): PartStatus;
  /** Starts it again on the same ports and data. No-op while it runs. */
  start(): Promise<void>;
  /** Ends it; `SIGKILL` is a crash. No-op when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Stops its process group in its tracks, as a paused machine would. */
  pause(): void;
  resume(): void;
}

/** Starts a part and waits until it answers. Throws PartError with the tail of its log. */
export async function startPart(
  part: Part,
  program: PartProgram,
  runDir: string,
  lasting = false,
): Promise<RunningPart> {
  for (let attempt = 1; ; attempt += 1) {
    const reserved = await reservePorts(part.defaultPorts);
    const dataDir = join(runDir, attempt === 1 ? part.name : `${part.name}-${attempt}`);
    mkdirSync(dataDir, { recursive: true });
    const run: PartRun = {
      ports: reserved.ports,
      dataDir,
      logFile: join(runDir, `${part.name}.log`),
      lasting,
    };
    try {
      await program.prepare?.(run);
      const running = await launch(part, program, run);
      return managed(part, program, run, running);
    } catch (error) {
      const free = await Promise.all(run.ports.map(isPortFree));
      if (free.every(Boolean) || attempt >= startAttemptsMax) throw error;
    } finally {
      reserved.release();
    }
  }
}

function managed(
  part: Part,
  program: PartProgram,
  run: PartRun,
  first: GuardedProcess,
): RunningPart {
  let current = first;
  return {
    env: addresses(part, program, run),
    status: () => {
      const { startId } = identityOf(current.pid);
      const running = current.isRunning();
      return {
        origin: program.origin,
        ports: run.ports,
        running,
        pid: current.pid,
        ...(running && startId !== undefined ? { startId } : {}),
        logFile: run.logFile,
      };
    },
    start: async () => {
      if (!current.isRunning()) current = await launch(part, program, run);
    },
    stop: (signal) => current.stop(signal),
    pause: () => current.signal('SIGSTOP'),
    resume: () => current.signal('SIGCONT'),
  };
}

function addresses(part: Part, program: PartProgram, run: PartRun): Record<string, string> {
  return { ...part.env(run.ports, run.dataDir), ...program.env?.(run.ports, run.dataDir) };
}

async function launch(part: Part, program: PartProgram, run: PartRun): Promise<GuardedProcess> {
  const { command, args, env = {} } = program.command(run);
  const running = await spawnGuarded(part.name, command, args, { env, logFile: run.logFile });
  try {
    await answers(part, program, run, running);
    await program.afterStart?.(run);
    return running;
  } catch (error) {
    await running.stop('SIGKILL');
    throw error;
  }
}

async function answers(
  part: Part,
  program: PartProgram,
  run: PartRun,
  running: GuardedProcess,
): Promise<void> {
  const address = addresses(part, program, run)[part.variable] ?? '';
  const untilMs = Date.now() + part.startWaitMs;
  let last = '';
  for (;;) {
    if (!running.isRunning()) {
      const { code, signal } = await running.exited;
      throw failed(part, run, `ended with ${signal ?? `exit code ${code ?? '?'}`} while starting`);
    }
    // Nothing listens yet: cheaper than a probe, and it leaves the cores to the starting server.
    if (await isListening(run.ports[0] ?? 0)) {
      try {
        await part.check(address);
        if (running.isRunning()) return;
      } catch (error) {
        last = error instanceof Error ? `: ${error.message}` : '';
      }
    }
    if (Date.now() > untilMs) {
      const waitedS = Math.round(part.startWaitMs / 1000);
      throw failed(part, run, `does not answer ${waitedS} s after its start${last}`);
    }
    await new Promise((resolve) => setTimeout(resolve, healthPollMs));
  }
}

function failed(part: Part, run: PartRun, what: string): PartError {
  const log = existsSync(run.logFile) ? tailOf(readFileSync(run.logFile, 'utf8')) : '';
  const tail = log === '' ? 'Its log is empty.' : `The end of its log (${run.logFile}):\n${log}`;
  return new PartError(part.name, `${part.title} ${what}. ${tail}`);
}

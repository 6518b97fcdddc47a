// Owns: one life of one instance: its environment, its process, its readiness by the real probe,
// and its end. Never decides whether there should be one.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { instanceName } from '../core/records.js';
import type { InstancePhase } from '../ports.js';
import { spawnGuarded } from '../../stack/guarded.js';
import { probeEveryMs, probeFailuresMax, probeReadyEveryMs, probeTimeoutMs } from './limits.js';
import { commandOf, type Template } from './templates.js';

/** Chosen once per ordinal and kept over restarts, so that an ordinal's url is stable. */
export interface InstancePorts {
  readonly client: number;
  readonly probe: number;
}

export interface InstanceProcess {
  readonly uid: string;
  readonly name: string;
  readonly pid: number;
  /** Version of what it was started with. */
  readonly template: string;
  phase(): InstancePhase;
  /** Resolves when the process has ended, with how it ended in words. */
  readonly ended: Promise<string>;
  /**
   * SIGTERM once, SIGKILL after the shortest grace it was called with; resolves at its end. SIGINT tells
   * it not to wait to be drained: everything ends.
   */
  terminate(graceMs: number, signal?: 'SIGTERM' | 'SIGINT'): Promise<void>;
  /** For fault injection. */
  signal(signal: NodeJS.Signals): void;
}

export interface InstanceStart {
  readonly service: string;
  readonly ordinal: number;
  readonly template: Template;
  readonly ports: InstancePorts;
  /** Processes of this ordinal that have ended: what they were cannot speak any more. */
  readonly endedUids: readonly string[];
  /** Where the instance's output is appended. */
  readonly logDir: string;
}

/** Where clients reach an ordinal. */
export function urlOf(ports: InstancePorts): string {
  return `ws://127.0.0.1:${ports.client}`;
}

/** Starts an instance's process. Rejects when the program cannot be started at all. */
export async function startInstance(start: InstanceStart): Promise<InstanceProcess> {
  const { service, ordinal, ports } = start;
  const { spec, version } = start.template;
  const { command, args } = commandOf(spec);
  const name = instanceName(service, ordinal);
  const uid = randomUUID();
  const guarded = await spawnGuarded(name, command, [...args], {
    logFile: join(start.logDir, `${name}.log`),
    env: {
      ...spec.env,
      EVENKEEL_SERVICE: service,
      EVENKEEL_INSTANCE: name,
      EVENKEEL_ORDINAL: String(ordinal),
      EVENKEEL_UID: uid,
      ...(start.endedUids.length === 0 ? {} : { EVENKEEL_ENDED_UIDS: start.endedUids.join(',') }),
      EVENKEEL_PARTITIONS: String(spec.partitions),
      EVENKEEL_PORT: String(ports.client),
      EVENKEEL_PROBE_PORT: String(ports.probe),
      EVENKEEL_URL: urlOf(ports),
    },
  });
  let phase: InstancePhase = 'starting';
  const ended = guarded.exited.then(({ code, signal }) =>
    signal === null ? `exit code ${code}` : `signal ${signal}`,
  );
  const stopProbing = probeReadiness(ports.probe, (ready) => {
    if (phase !== 'terminating') phase = ready ? 'ready' : 'starting';
  });
  void ended.then(stopProbing);

  const terminate: InstanceProcess['terminate'] = async (graceMs, signal = 'SIGTERM') => {
    if (phase !== 'terminating' || signal === 'SIGINT') {
      phase = 'terminating';
      stopProbing();
      guarded.signal(signal);
    }
    const kill = setTimeout(() => guarded.signal('SIGKILL'), graceMs);
    await guarded.exited;
    clearTimeout(kill);
  };
  return {
    uid,
    name,
    pid: guarded.pid,
    template: version,
    phase: () => phase,
    ended,
    terminate,
    signal: (signal) => guarded.signal(signal),
  };
}

/** Asks the probe again and again; tells each answer, a failure only after several in a row. */
function probeReadiness(port: number, tell: (ready: boolean) => void): () => void {
  let stopped = false;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  const probe = async (): Promise<void> => {
    const ready = await answersOk(`http://127.0.0.1:${port}/healthz/ready`);
    if (stopped) return;
    failures = ready ? 0 : failures + 1;
    if (ready) tell(true);
    else if (failures >= probeFailuresMax) tell(false);
    // Starting is waited for; what is ready is only watched.
    timer = setTimeout(() => void probe(), ready ? probeReadyEveryMs : probeEveryMs);
  };
  void probe();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(probeTimeoutMs) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

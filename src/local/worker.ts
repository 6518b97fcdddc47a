// Owns: one worker process of a local Evenkeel. Never knows what it works on.

import type { GuardedProcess } from '../../stack/guarded.js';
import { reservePorts } from '../../stack/ports.js';
import { isReady, whenReady } from './programs.js';
import type { ServiceSurroundings } from './service.js';

export interface LocalWorker {
  readonly process: GuardedProcess;
  /** Its probes and metrics. */
  readonly probePort: number;
  /** SIGKILL is a crash; resolves when the process has ended. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

let workers = 0;

/** Starts `evenkeel worker` and waits until it takes tasks. */
export async function startWorker(
  around: Pick<ServiceSurroundings, 'start' | 'logDir' | 'env'> & { readonly taskQueue: string },
): Promise<LocalWorker> {
  const { start, logDir, env, taskQueue } = around;
  workers += 1;
  const reservation = await reservePorts([0]);
  const probePort = reservation.ports[0] as number;
  try {
    const program = await start('worker', `worker-${workers}`, {
      ...env,
      EVENKEEL_TASK_QUEUE: taskQueue,
      EVENKEEL_PROBE_PORT: String(probePort),
    });
    await whenReady(program, logDir, () => isReady(probePort));
    return { process: program, probePort, end: (signal) => program.stop(signal) };
  } finally {
    reservation.release();
  }
}

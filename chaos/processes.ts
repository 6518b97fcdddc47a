// Owns: finding the processes of a service by their environment, whoever started them: who is there
// and should not be. By /proc, so elsewhere than on Linux nothing is found. Never ends one.

import { readFileSync, readdirSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  /** `instance`, `directory`, `worker`. */
  readonly role: string;
  /** Of an instance: its name, and the uid that the platform gave it. */
  readonly instance: string | null;
  readonly uid: string | null;
}

/** Those that were started for this service, and the workers of this task queue. */
export function processesOf(service: string, taskQueue: string): readonly FoundProcess[] {
  return pids().flatMap((pid) => {
    const env = environmentOf(pid);
    const uid = env.get('EVENKEEL_UID') ?? null;
    const instance = env.get('EVENKEEL_INSTANCE') ?? null;
    if (env.get('EVENKEEL_SERVICE') === service) {
      return [{ pid, role: instance === null ? 'directory' : 'instance', instance, uid }];
    }
    const isWorker = env.get('EVENKEEL_TASK_QUEUE') === taskQueue;
    return isWorker ? [{ pid, role: 'worker', instance: null, uid: null }] : [];
  });
}

/** Processes beyond what the platform knows and one of each program beside; one sentence each. */
export function strangersAmong(
  found: readonly FoundProcess[],
  known: readonly { readonly name: string; readonly uid: string }[],
): readonly string[] {
  const uids = new Set(known.map(({ uid }) => uid));
  const strangers = found.flatMap(({ pid, role, instance, uid }) =>
    role === 'instance' && !uids.has(uid ?? '')
      ? [`process ${pid} is an instance ${instance} that the platform does not know`]
      : [],
  );
  const many = ['directory', 'worker'].flatMap((role) => {
    const own = found.filter((one) => one.role === role);
    return own.length > 1 ? [`${own.length} processes are a ${role}`] : [];
  });
  return [...strangers, ...many];
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

function environmentOf(pid: number): ReadonlyMap<string, string> {
  try {
    const pairs = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return new Map(
      pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    );
  } catch {
    return new Map(); // It has ended, or is somebody else's.
  }
}

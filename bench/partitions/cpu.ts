// Owns: what a process of this machine uses, by the kernel's own account. Linux only, as is the
// rest of the benchmarks' stack.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

let ticksPerSecond: number | undefined;

/** Processor time of a process so far, user and system. */
export function cpuMs(pid: number): number {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field, the name in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return ((user + system) * 1_000) / ticksPerSecond;
}

/** Percent of one core that a process uses while `during` runs. */
export async function cpuPercent(pid: number, during: () => Promise<unknown>): Promise<number> {
  const [beforeMs, startedMs] = [cpuMs(pid), performance.now()];
  await during();
  return (100 * (cpuMs(pid) - beforeMs)) / (performance.now() - startedMs);
}

export function idleCpuPercent(pid: number, forMs: number): Promise<number> {
  return cpuPercent(pid, () => sleep(forMs));
}

export function memoryMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) / 1_024;
}

// Owns: telling whether a process id still means the same process. Process ids are reused, so
// every pid that is written down goes with the start time of its process; nothing is ever killed
// on a pid alone. Plain JavaScript: it runs before anything is installed or built.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * A text that no other process with this pid has had or will have: boot id and start tick on
 * Linux, start time by `ps` elsewhere. Undefined when the process does not exist or is a zombie.
 */
export function processStartId(pid) {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (process.platform !== 'linux') return startIdByPs(pid);
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name stands in brackets and may hold spaces and brackets itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    return `${boot}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** True while the process that was written down as {pid, startId} lives. */
export function isSameProcess(identity) {
  return identity.startId !== undefined && processStartId(identity.pid) === identity.startId;
}

/** {pid, startId} of a live process; startId is undefined when it is already gone. */
export function identityOf(pid) {
  return { pid, startId: processStartId(pid) };
}

function startIdByPs(pid) {
  try {
    const text = execFileSync('ps', ['-p', String(pid), '-o', 'lstart='], { encoding: 'utf8' });
    return text.trim() === '' ? undefined : text.trim();
  } catch {
    return undefined;
  }
}

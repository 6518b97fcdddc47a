// Owns: ending with npm. `npm run` starts a shell that starts us; when npm is killed, both would live
// on as orphans, and with them everything that must die with the command.
import { readFileSync } from 'node:fs';
import { setInterval } from 'node:timers';

const pollMs = 500;

/** Sends SIGTERM to this process when the npm that started it is gone. */
export function endWithNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const before = starters();
  setInterval(() => {
    if (starters() !== before) process.kill(process.pid, 'SIGTERM');
  }, pollMs).unref();
}

/** The pids from us up to npm, no further: who started npm may well go away. */
function starters() {
  const parent = process.ppid;
  if (process.platform !== 'linux') return `${parent}`;
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    if (!/^(ba|da|z|k)?sh$/.test(name)) return `${parent}`;
    const [, grandparent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${parent} ${grandparent}`;
  } catch {
    return 'gone';
  }
}

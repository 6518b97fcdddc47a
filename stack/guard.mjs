// Owns: ending what a parent process started, when that parent is gone by whatever way, kill -9
// included. It reads one JSON object a line from its standard input, which the parent holds open:
//   {"watch":{pid,startId}} {"unwatch":pid} {"remove":directory} {"keep":directory} {"release":true}
// When the input ends without `release`, it terminates the process groups it was told about, and
// every process that carries the run's id in its environment (a child started in the instant
// before its `watch` arrived, or one that left its group), then removes the directories.
// It never starts anything and ends by itself. Plain JavaScript: it runs from the sources.
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isSameProcess } from './bootstrap/identity.mjs';

/** From the polite signal to the one that cannot be refused. */
const termGraceMs = 4_000;
const pollMs = 50;

const runId = process.argv[2] ?? '';
const watched = new Map();
const directories = new Set();
let released = false;

// The terminal's Ctrl-C and a hang-up are for the parent; the guard acts on the parent's end.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    continue; // The parent died in the middle of a line.
  }
  if (message.watch) watched.set(message.watch.pid, message.watch);
  if (message.unwatch) watched.delete(message.unwatch);
  if (message.remove) directories.add(message.remove);
  if (message.keep) directories.delete(message.keep);
  if (message.release) released = true;
}
if (!released) await endAll();

async function endAll() {
  const untilMs = Date.now() + termGraceMs;
  signalAll('SIGTERM');
  while (Date.now() < untilMs && living().length > 0) await sleep(pollMs);
  signalAll('SIGKILL');
  for (const directory of directories) {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function living() {
  const own = [...watched.values()].filter(isSameProcess);
  const known = new Set(own.map((identity) => identity.pid));
  return [...own, ...marked().filter((identity) => !known.has(identity.pid))];
}

/** Processes that inherited the id of this run, wherever they went. Linux only. */
function marked() {
  if (runId === '' || process.platform !== 'linux') return [];
  const found = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const entries = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      if (entries.includes(`EVENKEEL_RUN_ID=${runId}`)) found.push(identityOf(Number(name)));
    } catch {
      // Gone meanwhile, or another user's.
    }
  }
  return found.filter((identity) => identity.startId !== undefined);
}

function signalAll(signal) {
  for (const { pid } of living()) {
    for (const target of [-pid, pid]) {
      try {
        process.kill(target, signal);
        break;
      } catch {
        // Not a group leader, or gone.
      }
    }
  }
}

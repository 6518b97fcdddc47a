// Owns: the processes of one control plane as one process of the stack: `launch.mjs <plan.json>` starts
// them in its own process group, the later ones when the API server is ready, and ends with all of
// them when one ends or when it is told to. Never decides how they are started (control-plane.ts).
// Plain JavaScript: it runs from the sources.
import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

const readyPollMs = 100;
const answerMs = 2_000;
/** From SIGTERM to SIGKILL, for each: watches of others keep an API server waiting for minutes. */
const endGraceMs = 2_000;
const tailLines = 15;

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const children = new Map();
let ending = false;

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => end(0));

plan.first.forEach(start);
while (!ending && !(await isReady())) await sleep(readyPollMs);
if (!ending) plan.then.forEach(start);

function start({ name, command, args, log }) {
  const output = openSync(log, 'a');
  const child = spawn(command, args, { stdio: ['ignore', output, output] });
  children.set(name, child);
  const ended = (how) => {
    children.delete(name);
    if (ending) return;
    console.error(`${name} ended with ${how}; the end of its log (${log}):\n${tailOf(log)}`);
    end(1);
  };
  child.once('error', (error) => ended(error.message));
  child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
}

async function end(code) {
  if (ending) return;
  ending = true;
  for (const child of children.values()) child.kill('SIGTERM');
  const untilMs = Date.now() + endGraceMs;
  while (children.size > 0 && Date.now() < untilMs) await sleep(25);
  for (const child of children.values()) child.kill('SIGKILL');
  process.exit(code);
}

function isReady() {
  const { url, ca, cert, key } = plan.readyz;
  return new Promise((resolve) => {
    const asked = request(
      url,
      { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key), agent: false },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      },
    );
    asked.setTimeout(answerMs, () => asked.destroy(new Error('no answer')));
    asked.once('error', () => resolve(false));
    asked.end();
  });
}

function tailOf(path) {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-tailLines).join('\n');
}

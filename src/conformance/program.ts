// Starts the program under test in a process group of its own, so that a signal reaches what a shell
// started for it. Nothing of it outlives the kit.

import { spawn } from 'node:child_process';
import { tailLinesMax } from './limits.js';
import type { Launch, Life } from './scratch-service.js';
import { withoutSecrets } from './secrets.js';

/** What ends the kit itself. */
const ends = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** By `/bin/sh -c`, with the environment of this process and what the kit adds. */
export function launchCommand(command: string): Launch {
  return (env) => {
    // The shell waits for the program's own answer to SIGTERM, and ends with its exit status.
    const told = { ...process.env, ...env };
    const child = spawn('/bin/sh', ['-c', `trap : TERM\n${command}`], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: told,
    });
    let tail = '';
    const hear = (data: Buffer): void => {
      tail = `${tail}${data.toString('utf8')}`.slice(-8_192);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const signal = (name: NodeJS.Signals): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, name);
      } catch {
        // It has ended already.
      }
    };
    const atExit = (): void => signal('SIGKILL');
    process.on('exit', atExit);
    // In a group of its own the program hears nothing of Ctrl-C.
    const atSignal = (name: NodeJS.Signals): void => {
      atExit();
      process.kill(process.pid, name);
    };
    for (const name of ends) process.once(name, atSignal);
    const ended = new Promise<number | null>((resolve) => {
      child.once('error', (error) => {
        tail += error.message;
        resolve(null);
      });
      // `close` comes when everything that it has printed was read.
      child.once('exit', () => signal('SIGKILL')); // What a shell has left behind.
      child.once('close', (code) => {
        process.off('exit', atExit);
        for (const name of ends) process.off(name, atSignal);
        resolve(code);
      });
    });
    const life: Life = {
      signal,
      ended,
      tail: () => withoutSecrets(tail.trimEnd().split('\n').slice(-tailLinesMax).join(' | '), told),
    };
    return Promise.resolve(life);
  };
}

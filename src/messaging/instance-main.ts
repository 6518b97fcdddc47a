// The process of one Messaging instance: Messaging, run as any service is. Owns nothing.

import { liveInstance } from '../package/run-instance.js';
import type { Environment } from '../server/environment.js';
import { createMessages } from './messages.js';
import { isProgram, runProgram } from '../server/process.js';

/** Runs until it is told to end or is fenced; resolves with the exit code. Throws what prevents a start. */
export function main(env: Environment): Promise<number> {
  return liveInstance(createMessages, env);
}

if (isProgram(import.meta.url)) void runProgram(() => main(process.env));

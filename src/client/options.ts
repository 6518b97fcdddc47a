// Owns: the check of what plain JavaScript hands to the client library. Small: pages load it, too.

import type { ConnectOptions } from './client.js';

const functions = [
  ...(['getSession', 'openSocket', 'onMessage', 'onFrame', 'onMove'] as const),
  ...(['onState', 'onTrouble', 'onStop'] as const),
] as const;

/** @throws TypeError that names the option, and says what was found and what is allowed */
export function checkOptions(options: ConnectOptions): void {
  checkText('user', options.user);
  if (options.user === '') throw new TypeError('user is "": give a text that is not empty');
  if (options.client !== undefined) checkText('client', options.client);
  for (const name of functions) {
    const found: unknown = options[name];
    if (found === undefined || typeof found === 'function') continue;
    throw new TypeError(`${name} is of type ${typeof found}: give a function, or nothing`);
  }
}

/** @throws TypeError */
export function checkText(name: string, found: unknown): void {
  if (typeof found === 'string') return;
  throw new TypeError(`${name} is of type ${typeof found}: give a text`);
}

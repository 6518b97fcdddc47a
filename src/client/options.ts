// Owns: which options the client library takes, as plain JavaScript may hand them in. Never what a value means.

import { aFunction, aText, checkGiven, optional } from '../given.js';

const maybe = optional(aFunction);

/** @throws BadInputError that names the option, what was found and what is allowed */
export function checkOptions(options: unknown): void {
  checkGiven('connect', options, {
    ...{ user: aText, client: optional(aText), getSession: maybe, openSocket: maybe },
    ...{ onMessage: maybe, onFrame: maybe, onMove: maybe },
    ...{ onState: maybe, onTrouble: maybe, onStop: maybe },
  });
}

/** What a text may hold is the instance's to say. @throws BadInputError */
export function checkMessage(message: { readonly to: string; readonly body: string }): void {
  const anyText = { allowed: 'a text', fits: (found: unknown) => typeof found === 'string' };
  checkGiven('send', message, { to: anyText, body: anyText });
}

// What a program has printed is shown when it does not start, and what it was told may stand there. Pure.

import { withoutLogins } from '../core/logins.js';

const named = /PASSWORD|PASSWD|SECRET|TOKEN|KEY|JWK|CREDENTIAL/i;
const webToken = /\beyJ[\w-]+\.[\w-]*\.?[\w-]*/g;
const shortestLength = 6;

/** The text without logins in addresses, tokens, and values of variables whose names say that they are secret. */
export function withoutSecrets(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const values = Object.entries(env).flatMap(([name, value = '']) =>
    named.test(name) && value.length >= shortestLength ? [value] : [],
  );
  const hidden = values
    .sort((a, b) => b.length - a.length)
    .reduce((shown, value) => shown.replaceAll(value, '…'), text);
  return withoutLogins(hidden).replace(webToken, '…');
}

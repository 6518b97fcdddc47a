// How Temporal is spoken to: TLS, and the API key. Read from the environment and checked here; applied
// by src/temporal-connection.ts and nowhere else.

import { isThisMachine } from './address.js';
import { secretOf, type Secret } from './secret.js';
import { tlsOf, type TlsSettings } from './tls.js';
import { refused, valueOf, type Environment } from './variables.js';

export interface TemporalSecurity {
  readonly tls?: TlsSettings | undefined;
  readonly apiKey?: Secret | undefined;
}

/** Throws BadInputError with one sentence. */
export function readTemporalSecurity(env: Environment, address: string): TemporalSecurity {
  const tls = tlsOf(env, 'TEMPORAL_TLS');
  const apiKey = secretOf(env, 'TEMPORAL_API_KEY');
  const plaintext = valueOf(env, 'TEMPORAL_API_KEY_PLAINTEXT');
  if (plaintext !== undefined && plaintext !== 'allow') {
    throw refused('TEMPORAL_API_KEY_PLAINTEXT', `is "${plaintext.slice(0, 40)}"`);
  }
  const isFar = !isThisMachine(address);
  if (apiKey !== undefined && tls === undefined && isFar && plaintext === undefined) {
    throw refused(
      valueOf(env, 'TEMPORAL_API_KEY') === undefined ? 'TEMPORAL_API_KEY_FILE' : 'TEMPORAL_API_KEY',
      `is set without TEMPORAL_TLS, and ${address} is another machine: whoever listens could take the key`,
      'set TEMPORAL_TLS=true, or TEMPORAL_API_KEY_PLAINTEXT=allow where the network itself is encrypted',
    );
  }
  return { tls, apiKey };
}

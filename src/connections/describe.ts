// How a connection is secured, as a sentence for people. Names files, users and mechanisms, never what is
// in a secret.

import { X509Certificate } from 'node:crypto';
import type { KafkaSecurity } from './kafka.js';
import type { PrometheusAccess } from './prometheus.js';
import type { TemporalSecurity } from './temporal.js';
import { readTls, type TlsSettings } from './tls.js';

export function describeKafka({ tls, sasl }: KafkaSecurity): string {
  const login =
    sasl === undefined
      ? 'no SASL'
      : `SASL ${sasl.mechanism} as ${sasl.username}, password from ${sasl.password.from}`;
  return `${describeTls(tls)}, ${login}`;
}

export function describeTemporal({ tls, apiKey }: TemporalSecurity): string {
  const key = apiKey === undefined ? 'no API key' : `API key from ${apiKey.from}`;
  return `${describeTls(tls)}, ${key}`;
}

export function describePrometheus({ url, tls, login }: PrometheusAccess): string {
  const isTls = url.startsWith('https:');
  const how =
    isTls && tls === undefined ? 'TLS that trusts the public authorities' : describeTls(tls);
  if (login === undefined) return `${how}, no login`;
  if (login.kind === 'token') return `${how}, token from ${login.token.from}`;
  return `${how}, user ${login.username}, password from ${login.password.from}`;
}

function describeTls(tls: TlsSettings | undefined): string {
  if (tls === undefined) return 'no TLS';
  const { caFile, certFile, serverName } = tls;
  return [
    `TLS that trusts ${caFile ?? 'the public authorities'}`,
    ...(serverName === undefined ? [] : [`expects the name ${serverName}`]),
    ...(certFile === undefined ? [] : [`shows the certificate ${certFile}`]),
  ].join(', ');
}

/** When the certificate that we show ends; undefined when we show none. */
export function ownCertificateEndsMs(tls: TlsSettings | undefined): number | undefined {
  if (tls?.certFile === undefined) return undefined;
  return Date.parse(new X509Certificate(readTls(tls).cert ?? '').validTo);
}

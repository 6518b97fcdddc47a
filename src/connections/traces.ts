// The standard variables that say whether and where to spans are told; names and meaning are those of the
// OpenTelemetry specification (environment variables of its SDKs). Opens nothing.

import { BadInputError } from '../errors.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const endpoints = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const;

/** Whether a collector is named and nothing switches traces off. Throws BadInputError for what is no address. */
export function isTraced(env: Environment): boolean {
  if (env['OTEL_SDK_DISABLED'] === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none') return false;
  const named = endpoints.filter((name) => env[name]);
  for (const name of named) {
    const found = env[name] ?? '';
    if (URL.canParse(found) && /^https?:$/.test(new URL(found).protocol)) continue;
    // Not quoted: an address may have a password in it.
    throw new BadInputError(
      `${name} must be an address as http://collector:4318, of a collector that takes OTLP over HTTP`,
      { field: name, allowed: 'http://host:port or https://host:port' },
    );
  }
  return named.length > 0;
}

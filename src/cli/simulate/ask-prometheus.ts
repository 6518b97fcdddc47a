// Owns: a trace straight from Prometheus: which window is asked for, and where it is. Never judges an answer.

import { BadInputError } from '../../errors.js';
import type { Trace } from '../../lab/trace.js';
import type { CliContext } from '../context.js';
import { traceOfRange } from './trace-of-range.js';

export interface RangeWanted {
  readonly query: string;
  readonly sinceMs: number;
  readonly stepMs: number;
}

/** @throws BadInputError without an address, for a query or an answer that is no trace; UnreachableError */
export async function askPrometheus(
  { connections }: CliContext,
  { query, sinceMs, stepMs }: RangeWanted,
  nowMs: number,
): Promise<Trace> {
  const access = await connections.prometheus();
  if (access === undefined) {
    throw new BadInputError('PROMETHEUS_URL is not known: set it in the environment', {
      field: 'PROMETHEUS_URL',
      found: 'nothing',
      allowed: 'for example http://127.0.0.1:9090 (docs/secure-connections.md)',
    });
  }
  const { prometheusSource } = await import('../../adapters/prometheus.js');
  // On whole steps, so that the same question a minute later has the same rows.
  const toMs = Math.floor(nowMs / stepMs) * stepMs;
  const window = { fromMs: toMs - Math.floor(sinceMs / stepMs) * stepMs, toMs, stepMs };
  return traceOfRange(query, await prometheusSource(access).range(query, window), stepMs);
}

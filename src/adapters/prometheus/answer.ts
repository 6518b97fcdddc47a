// What Prometheus answered, as series of numbers. Everything that comes is checked: a proxy, an error page
// or another program may stand there.

import { z } from 'zod';
import { BadInputError, UnreachableError } from '../../errors.js';
import type { SeriesPoint, SeriesRange } from '../../time-series-port.js';
import { queryShownChars, seriesMax } from './limits.js';
import { isBusy, type HttpAnswer } from './request.js';

const sample = z.tuple([z.number(), z.string()]);
const labels = z.record(z.string(), z.string());
const vector = z.object({
  resultType: z.literal('vector'),
  result: z.array(z.object({ metric: labels, value: sample })),
});
const scalar = z.object({ resultType: z.literal('scalar'), result: sample });
const matrix = z.object({
  resultType: z.literal('matrix'),
  result: z.array(z.object({ metric: labels, values: z.array(sample) })),
});
const failure = z.object({
  status: z.literal('error'),
  errorType: z.string().optional(),
  error: z.string(),
});

/** Throws BadInputError for a query that Prometheus refuses, UnreachableError for what is no answer of one. */
export function readInstant(query: string, answer: HttpAnswer): readonly SeriesPoint[] {
  const data = dataOf(query, answer);
  const one = scalar.safeParse(data);
  if (one.success) return [point({}, one.data.result)];
  const many = vector.safeParse(data);
  if (!many.success) throw notASeries(query, data);
  const { result } = many.data;
  refuseTooMany(query, result.length);
  return result.map(({ metric, value }) => point(metric, value));
}

/** As readInstant; the points of each series ascend. */
export function readRange(query: string, answer: HttpAnswer): readonly SeriesRange[] {
  const data = dataOf(query, answer);
  const many = matrix.safeParse(data);
  if (!many.success) throw notASeries(query, data);
  const { result } = many.data;
  refuseTooMany(query, result.length);
  return result.map(({ metric, values }) => ({
    labels: withoutName(metric),
    points: values.map(([atS, text]) => ({ atMs: milliseconds(atS), value: numberOf(text) })),
  }));
}

function point(metric: Record<string, string>, [atS, text]: [number, string]): SeriesPoint {
  return { labels: withoutName(metric), atMs: milliseconds(atS), value: numberOf(text) };
}

const milliseconds = (seconds: number): number => Math.round(seconds * 1_000);

function withoutName({ __name__: _, ...others }: Record<string, string>): Record<string, string> {
  return others;
}

/** Prometheus writes numbers as text, so that it can say `+Inf` and `NaN`. */
function numberOf(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  return Number(text.trim() === '' ? NaN : text);
}

function dataOf(query: string, { status, body }: HttpAnswer): unknown {
  const parsed = jsonOf(body);
  const failed = failure.safeParse(parsed);
  if (failed.success) {
    const { errorType, error } = failed.data;
    const isQuery = status === 400 || status === 422;
    const said = shortened(error, 300);
    if (isQuery && errorType !== 'timeout') {
      throw new BadInputError(`Prometheus refuses the query ${shown(query)}: ${said}`, {
        field: 'query',
        found: query,
        allowed: 'a query in PromQL that gives numbers',
      });
    }
    throw new UnreachableError(
      'Prometheus',
      `Prometheus failed to answer ${shown(query)} (HTTP ${status}): ${said}`,
    );
  }
  const good = z.object({ status: z.literal('success'), data: z.unknown() }).safeParse(parsed);
  if (good.success) return good.data.data;
  if (isBusy({ status, body })) {
    throw new UnreachableError(
      'Prometheus',
      `Prometheus, or a proxy before it, answers with an error (HTTP ${status})`,
      undefined,
      status === 429 ? 'ask it less often, or raise its limit' : 'look at its log',
    );
  }
  throw new UnreachableError(
    'Prometheus',
    `what answers there (HTTP ${status}) is not the API of Prometheus`,
    undefined,
    'check the path in PROMETHEUS_URL: queries go to its /api/v1/query',
  );
}

function notASeries(query: string, data: unknown): BadInputError {
  const type = z.object({ resultType: z.string() }).safeParse(data);
  const kind = type.success ? `a ${shortened(type.data.resultType, 20)}` : 'something else';
  return new BadInputError(`the query ${shown(query)} gives ${kind}, not numbers of series`, {
    field: 'query',
    found: query,
    allowed: 'a query whose result is a vector or a scalar',
  });
}

function refuseTooMany(query: string, series: number): void {
  if (series <= seriesMax) return;
  throw new BadInputError(
    `the query ${shown(query)} gives ${series} series; at most ${seriesMax} are read`,
    { field: 'query', found: series, allowed: `at most ${seriesMax} series: sum over the others` },
  );
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

const shown = (query: string): string => `"${shortened(query, queryShownChars)}"`;

function shortened(text: string, max: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > max ? `${line.slice(0, max)}…` : line;
}

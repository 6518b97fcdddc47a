// Owns: spans told to an OpenTelemetry collector by OTLP over HTTP. Off unless the standard variables say
// where a collector is. Ids are computed from the rebalance, so that spans of many processes are one
// trace. Never holds up or fails what is traced: a collector that is away, or slow, costs spans.

import { createHash, randomBytes } from 'node:crypto';
import { UnreachableError } from '../errors.js';
import { isTraced, type Environment } from '../connections/traces.js';
import type { FinishedSpan, Trace } from '../trace-port.js';

/** Spans that wait for the collector; what comes when it is full is dropped: what is traced never waits. */
const queueMax = 8_192;
const batchMax = 512;
/** What is left is sent within this when a process ends. */
const flushMs = 2_000;

export interface Traces {
  readonly trace: Trace;
  /** Sends what is left, within 2 s. */
  close(): Promise<void>;
}

/** Identity of what is traced: 16 and 8 bytes in hexadecimal, the same in every process. */
export function traceIdsOf(rebalance: string): { readonly trace: string; readonly root: string } {
  const digest = createHash('sha256').update(`evenkeel rebalance ${rebalance}`).digest('hex');
  return { trace: digest.slice(0, 32), root: digest.slice(32, 48) };
}

/**
 * Undefined without a collector. `program` is what the spans' `service.name` says unless OTEL_SERVICE_NAME
 * does. Throws BadInputError for an address that is none, and with what to install where the packages
 * are missing.
 */
export async function connectTraces(
  env: Environment,
  program: string,
): Promise<Traces | undefined> {
  if (!isTraced(env)) return undefined;
  const [{ context, SpanKind, SpanStatusCode, trace, TraceFlags }, sdk, { OTLPTraceExporter }] =
    await packages();
  let next: { readonly traceId: string; readonly spanId: string } | undefined;
  const provider = new sdk.BasicTracerProvider({
    resource: await resourceOf(env, program),
    idGenerator: {
      generateTraceId: () => next?.traceId ?? randomBytes(16).toString('hex'),
      generateSpanId: () => next?.spanId ?? randomBytes(8).toString('hex'),
    },
    spanProcessors: [
      new sdk.BatchSpanProcessor(new OTLPTraceExporter(), {
        maxQueueSize: queueMax,
        maxExportBatchSize: batchMax,
      }),
    ],
  });
  const tracer = provider.getTracer('evenkeel');

  const tell = (span: FinishedSpan): void => {
    const ids = span.rebalance === null ? null : traceIdsOf(span.rebalance);
    const isChild = ids !== null && span.isRoot !== true;
    const parent = isChild
      ? trace.setSpanContext(context.active(), {
          ...{ traceId: ids.trace, spanId: ids.root, traceFlags: TraceFlags.SAMPLED },
          isRemote: true,
        })
      : context.active();
    next = ids !== null && !isChild ? { traceId: ids.trace, spanId: ids.root } : undefined;
    const { attributes, startedAtMs: startTime } = span;
    const kind = SpanKind.INTERNAL;
    const made = tracer.startSpan(span.name, { kind, startTime, attributes }, parent);
    next = undefined;
    if (span.error !== undefined) {
      made.setStatus({ code: SpanStatusCode.ERROR, message: span.error });
    }
    made.end(span.endedAtMs);
  };
  return {
    trace: tell,
    close: async () => {
      const bound = new Promise<void>((resolve) => setTimeout(resolve, flushMs).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), bound]);
    },
  };
}

async function packages() {
  try {
    return await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ]);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    const packages =
      '@opentelemetry/api @opentelemetry/sdk-trace-base@1 @opentelemetry/exporter-trace-otlp-http@0.57';
    throw new UnreachableError(
      'opentelemetry',
      `traces are asked for (OTEL_EXPORTER_OTLP_ENDPOINT) and their packages are not installed: npm install ${packages}`,
      cause,
    );
  }
}

/** OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES are read by the package itself. */
async function resourceOf(env: Environment, program: string) {
  const { Resource, detectResourcesSync, envDetectorSync } =
    await import('@opentelemetry/resources');
  const named = new Resource({ 'service.name': env['OTEL_SERVICE_NAME'] ?? program });
  return detectResourcesSync({ detectors: [envDetectorSync] }).merge(named);
}

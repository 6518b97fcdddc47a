import { describe, expect, it } from 'vitest';
import { connectTraces, traceIdsOf } from '../../src/adapters/opentelemetry.js';
import { isTraced } from '../../src/connections/traces.js';
import { startTraceCollector } from '../support/trace-collector.js';
import { eventually } from '../support/eventually.js';

describe('whether anything is traced', () => {
  const at = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
  it.each([
    ['nothing names a collector', {}, false],
    ['a collector is named', at, true],
    ['one for traces alone', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/v1/traces' }, true],
    ['the SDK is switched off', { ...at, OTEL_SDK_DISABLED: 'true' }, false],
    ['traces are switched off', { ...at, OTEL_TRACES_EXPORTER: 'none' }, false],
  ])('%s', (_, env, is) => {
    expect(isTraced(env)).toBe(is);
  });

  it.each(['collector:4318', 'grpc://user:secret@collector', 'ftp://x'])(
    'refuses an address that is none, without showing it: %s',
    (found) => {
      const look = () => isTraced({ OTEL_EXPORTER_OTLP_ENDPOINT: found });
      expect(look).toThrow(/OTEL_EXPORTER_OTLP_ENDPOINT must be an address as http:/);
      expect(look).not.toThrow(/secret/);
    },
  );
});

it('ids are the same wherever they are computed, and of the lengths that OpenTelemetry has', () => {
  const ids = traceIdsOf('messaging@7');
  expect(ids).toEqual(traceIdsOf('messaging@7'));
  expect(ids.trace).toMatch(/^[0-9a-f]{32}$/);
  expect(ids.root).toMatch(/^[0-9a-f]{16}$/);
  expect(traceIdsOf('messaging@8').trace).not.toBe(ids.trace);
});

it('is nothing without a collector', async () => {
  expect(await connectTraces({}, 'chat')).toBeUndefined();
});

it('what belongs to a rebalance hangs under it, what belongs to none stands alone', async () => {
  const collector = await startTraceCollector();
  // The exporter reads the variable itself, once it is made.
  const before = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
  try {
    const traces = await connectTraces(process.env, 'chat');
    // A number below the process's age would be taken for a time since its start.
    const startedAtMs = Date.UTC(2026, 0, 1);
    const times = { startedAtMs, endedAtMs: startedAtMs + 250, attributes: { n: 1 } };
    traces?.trace({ name: 'child', rebalance: 'chat@1', ...times, error: 'NotReady' });
    traces?.trace({ name: 'rebalance', rebalance: 'chat@1', isRoot: true, ...times });
    traces?.trace({ name: 'alone', rebalance: null, ...times });
    await traces?.close();
    await eventually('all are there', () => collector.spans().length === 3);
    const { trace, root } = traceIdsOf('chat@1');
    const by = (name: string) => collector.spans().find((span) => span.name === name);
    const same = { program: 'chat', ...times };
    expect(by('child')).toMatchObject({
      ...same,
      traceId: trace,
      parentSpanId: root,
      isError: true,
    });
    expect(by('rebalance')).toMatchObject({
      ...same,
      traceId: trace,
      spanId: root,
      parentSpanId: '',
    });
    expect(by('alone')).toMatchObject({ parentSpanId: '', isError: false });
    expect(by('alone')?.traceId).not.toBe(trace);
    expect(by('child')?.spanId).not.toBe(root);
  } finally {
    if (before === undefined) delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    else process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = before;
    await collector.close();
  }
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startReporter } from '../../src/instance/reporter.js';
import { reportAtMostEveryMs, reportEveryMs } from '../../src/limits.js';
import type { InstanceReport } from '../../src/ports.js';

let written = 0;
const start = () =>
  startReporter({
    store: { saveReport: () => Promise.resolve(void (written += 1)) },
    report: () => ({}) as InstanceReport,
    onError: () => undefined,
  });

beforeEach(() => {
  vi.useFakeTimers();
  written = 0;
});
afterEach(() => void vi.useRealTimers());

describe('the reports of an instance', () => {
  it('are written soon after a change, once for all changes until then', async () => {
    const reporter = start();
    reporter.soon();
    reporter.soon();
    await vi.advanceTimersByTimeAsync(reportAtMostEveryMs - 1);
    expect(written).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(written).toBe(1);
    reporter.stop();
  });

  it('come by the earliest time that was asked for, and then once', async () => {
    const reporter = start();
    await vi.advanceTimersByTimeAsync(reportAtMostEveryMs);
    reporter.within(200);
    reporter.within(300);
    reporter.soon();
    reporter.within(200);
    await vi.advanceTimersByTimeAsync(reportAtMostEveryMs);
    expect(written).toBe(2);
    await vi.advanceTimersByTimeAsync(400);
    expect(written).toBe(2);
    reporter.stop();
  });

  it('are written by then also where nothing hurries', async () => {
    const reporter = start();
    await vi.advanceTimersByTimeAsync(reportAtMostEveryMs);
    reporter.within(200);
    await vi.advanceTimersByTimeAsync(199);
    expect(written).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(written).toBe(2);
    reporter.stop();
    await vi.advanceTimersByTimeAsync(2 * reportEveryMs);
    expect(written).toBe(2);
  });
});

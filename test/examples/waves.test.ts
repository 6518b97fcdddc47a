import { describe, expect, it } from 'vitest';
import { readPolicy } from '../../examples/demo/policies.js';
import { periodMs, recordedText, shareAt } from '../../examples/demo/waves.js';

const risesAtMs = Date.UTC(2026, 5, 1, 12, 0, 40);

describe('the crowd of the demo', () => {
  it('comes within a minute, stays one, and goes', () => {
    const at = (s: number) => shareAt(risesAtMs + s * 1_000, risesAtMs);
    expect([at(-30), at(0), at(60), at(120), at(165), at(239)]).toEqual([
      0.45, 0.45, 1, 1, 0.45, 0.45,
    ]);
    expect(at(30)).toBeCloseTo(0.725);
  });

  it('comes at the same times of every day', () => {
    expect(86_400_000 % periodMs).toBe(0);
    expect(shareAt(risesAtMs - 3 * 86_400_000 + 30_000, risesAtMs)).toBeCloseTo(0.725);
  });

  it('is recorded for three days, in order, as the series that will be scraped', () => {
    const lines = recordedText('chat', 300, risesAtMs, risesAtMs).trim().split('\n');
    expect(lines[0]).toBe('# TYPE evenkeel_connected_clients gauge');
    expect(lines.at(-1)).toBe('# EOF');
    const samples = lines.slice(1, -1).map((line) => line.split(' '));
    expect(samples).toHaveLength(2 * 3 * 5_760);
    const first = 'evenkeel_connected_clients{instance="chat-0",job="evenkeel",service="chat"}';
    expect(samples[0]?.[0]).toBe(first);
    const times = samples.filter(([name]) => name === first).map(([, , atS]) => Number(atS));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect((times.at(-1) ?? 0) * 1_000).toBe(risesAtMs - 15_000);
    const highest = Math.max(...samples.map(([, count]) => Number(count)));
    expect(highest).toBeGreaterThan(145);
    expect(highest).toBeLessThanOrEqual(153);
  });
});

it('the policy of the forecast has the thresholds of the demo, and a forecast that acts', () => {
  const policy = readPolicy('forecast', 600, 'chat');
  expect(policy.clientsPerInstance).toEqual(
    readPolicy('messaging', 600, 'chat').clientsPerInstance,
  );
  expect(policy).toMatchObject({ metrics: { source: 'prometheus' }, forecast: { mode: 'acting' } });
});

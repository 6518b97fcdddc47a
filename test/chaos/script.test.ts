// A seed stands for one script: the same every time, readable, and over when it says.
import { describe, expect, it } from 'vitest';
import { isRequest, isWord, lineOf, type Happening } from '../../chaos/events.js';
import { scriptOf, scriptText } from '../../chaos/script.js';

const durationMs = 16_000;
const seeds = Array.from({ length: 300 }, (_, seed) => seed);
const scripts = seeds.map((seed) => scriptOf(seed, durationMs));

describe('a script', () => {
  it('is the same for the same seed, and another for another', () => {
    for (const seed of [1, 7, 4_294_967_295]) {
      expect(scriptOf(seed, durationMs)).toEqual(scriptOf(seed, durationMs));
    }
    const texts = scripts.map((script) => scriptText({ ...script, seed: 0 }));
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('has one line for each event, in the order of their times', () => {
    const script = scriptOf(7, durationMs);
    const [head, ...lines] = scriptText(script).split('\n');
    expect(head).toMatch(/^seed 7: \d+ events in 16 s/);
    expect(lines.map((line) => line.trim())).toEqual(script.events.map(lineOf));
    const times = script.events.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('asks, says and breaks something, and all of it is over by its end', () => {
    for (const { events } of scripts) {
      expect(events.some(isRequest)).toBe(true);
      expect(events.some(isWord)).toBe(true);
      expect(events.some((event) => !isRequest(event) && !isWord(event))).toBe(true);
      for (const event of events) {
        const lastsMs = 'forMs' in event ? event.forMs : 'awayMs' in event ? event.awayMs : 0;
        expect(event.atMs).toBeGreaterThan(0);
        expect(event.atMs + lastsMs).toBeLessThanOrEqual(durationMs);
      }
    }
  });

  it('never stops a part that stands still already', () => {
    for (const { seed, events } of scripts) {
      const until = new Map<string, number>();
      for (const event of events) {
        const part = 'part' in event ? event.part : event.kind === 'temporal-killed' && 'temporal';
        if (part === false) continue;
        expect(until.get(part) ?? 0, `seed ${seed}`).toBeLessThan(event.atMs);
        until.set(part, event.atMs + ('forMs' in event ? event.forMs : 0));
      }
    }
  });

  it('has every kind of event in some seed, and cuts links only where there are some', () => {
    const seen = new Set(scripts.flatMap(({ events }) => events.map(({ kind }) => kind)));
    const kinds: readonly Happening['kind'][] = [
      ...(['resize', 'in-place', 'drain', 'rollback', 'autoscale', 'approval'] as const),
      ...(['approve', 'reject', 'abort', 'cancel', 'terminate'] as const),
      ...(['worker-killed', 'directory-killed', 'instance-killed', 'links-cut'] as const),
      ...(['instance-told-to-end', 'instance-paused', 'part-paused', 'temporal-killed'] as const),
    ];
    expect([...seen].sort()).toEqual([...kinds].sort());
    for (const { roundTripMs, events } of scripts) {
      if (roundTripMs === 0) expect(events.map(({ kind }) => kind)).not.toContain('links-cut');
    }
  });

  it('pauses instances for less and for more than a lease lives', () => {
    const pauses = scripts.flatMap(({ events }) =>
      events.flatMap((event) => (event.kind === 'instance-paused' ? [event.forMs] : [])),
    );
    expect(pauses.some((ms) => ms < 2_000)).toBe(true);
    expect(pauses.some((ms) => ms > 3_000)).toBe(true);
  });
});

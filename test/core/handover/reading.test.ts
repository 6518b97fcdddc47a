// What an instance reads: every interleaving of warming, forgetting, slow answers and failures of two
// partitions, to closure.
import { expect, it } from 'vitest';
import { Reading, type ReadingStep } from '../../../src/core/handover/reading.js';

type Assign = ReadingStep & { readonly kind: 'assign' };

/** The machine, the reader that obeys it, and what the instance wants: all that the laws speak of. */
class World {
  readonly machine = new Reading();
  readonly wanted = new Set<number>();
  /** What the reader reads, and where it began; it keeps its place in what it is told to read anyway. */
  readonly reader = new Map<number, number>();
  /** Every time that a partition was dropped it begins elsewhere: 0, 1, 2, 0, … */
  readonly begins = [0, 0];
  underWay: ReadingStep | null = null;
  wrong = '';

  events(): readonly string[] {
    const work = this.underWay === null ? ['begin'] : ['answer', 'fail'];
    if (this.underWay?.kind === 'assign') work.push('answer lost');
    return ['warm 0', 'warm 1', 'forget 0', 'forget 1', 'due', 'reach', ...work];
  }

  do(event: string): void {
    const partition = Number(event.at(-1));
    if (event.startsWith('warm')) {
      this.wanted.add(partition);
      for (const warm of this.machine.warm([partition])) {
        if (!this.machine.isRead(warm) || !this.reader.has(warm))
          this.wrong = `${warm} is not read`;
      }
    } else if (event.startsWith('forget')) {
      this.wanted.delete(partition);
      this.machine.forget([partition]);
    } else if (event === 'due') this.machine.forgetDue();
    else if (event === 'reach') for (const p of this.reader.keys()) this.machine.reached(p, 10);
    else if (event === 'begin') this.begin();
    else this.end(event);
  }

  private begin(): void {
    const step = this.machine.next();
    if (step.kind === 'none') return;
    if (step.kind === 'assign') {
      for (const dropped of step.dropped) {
        if (this.wanted.has(dropped)) this.wrong = `${dropped} is wanted and was dropped`;
        this.begins[dropped] = (Number(this.begins[dropped]) + 1) % 3;
      }
      for (const [p, from] of step.from) {
        // Who still reads it from an earlier time goes on there: the window would never be read.
        const place = this.reader.get(p) ?? from;
        if (place !== this.begins[p]) this.wrong = `${p} begins at ${place}`;
      }
    }
    this.underWay = step;
  }

  private end(event: string): void {
    const step = this.underWay as ReadingStep;
    this.underWay = null;
    if (event === 'fail') return;
    if (step.kind === 'assign') this.obey(step.from);
    if (event === 'answer lost') return;
    if (step.kind === 'assign') this.machine.assigned(step);
    if (step.kind === 'ask')
      this.machine.answered(
        step.partitions.map((p) => ({ partition: p, from: this.begins[p] ?? 0, tail: 10 })),
      );
  }

  private obey(from: ReadonlyMap<number, number | null>): void {
    for (const p of this.reader.keys()) if (!from.has(p)) this.reader.delete(p);
    for (const [p, at] of from) if (!this.reader.has(p)) this.reader.set(p, at ?? -1);
  }

  /** Nothing more happens: does it end where it should? */
  settle(): void {
    for (let steps = 0; steps < 20; steps += 1) {
      if (this.underWay === null) this.begin();
      if (this.underWay === null) break;
      this.end('answer');
    }
    for (const p of this.wanted) {
      if (!this.machine.isRead(p) || !this.reader.has(p)) this.wrong = `${p} is wanted, not read`;
    }
  }

  key(): string {
    return JSON.stringify(
      [this.machine, this.wanted, this.reader, this.begins, this.underWay],
      (_, value: unknown) =>
        value instanceof Map || value instanceof Set
          ? [...(value as Iterable<unknown>)].sort()
          : value,
    );
  }
}

function play(story: readonly string[]): World {
  const world = new World();
  for (const event of story) world.do(event);
  return world;
}

it('never drops what is wanted by now, and always ends reading all that is wanted', () => {
  const seen = new Set<string>();
  let stories: string[][] = [[]];
  while (stories.length > 0 && seen.size < 50_000) {
    const following: string[][] = [];
    for (const story of stories) {
      for (const event of play(story).events()) {
        const longer = [...story, event];
        const world = play(longer);
        if (seen.has(world.key())) continue;
        seen.add(world.key());
        world.settle();
        expect(world.wrong, longer.join(', ')).toBe('');
        following.push(longer);
      }
    }
    stories = following;
  }
  expect(stories).toEqual([]);
  expect(seen.size).toBeGreaterThan(500);
});

it('is warm at its tail, once, and only after the reader has it', () => {
  const reading = new Reading();
  expect(reading.warm([4])).toEqual([]);
  expect(reading.next()).toEqual({ kind: 'ask', partitions: [4] });
  reading.answered([{ partition: 4, from: 3, tail: 10 }]);
  const step = reading.next();
  expect(step).toEqual({ kind: 'assign', from: new Map([[4, 3]]), dropped: [] });
  expect(reading.reached(4, 10)).toBe(false);
  reading.assigned(step as Assign);
  expect(reading.next()).toEqual({ kind: 'none' });
  expect(reading.cold()).toEqual([4]);
  expect([9, 10, 11].map((next) => reading.reached(4, next))).toEqual([false, true, false]);
  expect(reading.warm([4])).toEqual([4]);
});

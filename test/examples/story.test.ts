import { describe, expect, it } from 'vitest';
import { createStory } from '../../examples/demo/story.js';

const tell = (act: (story: ReturnType<typeof createStory>) => void): string[] => {
  let text = '';
  let nowMs = 0;
  act(
    createStory(
      (more) => (text += more),
      () => (nowMs += 1_500),
    ),
  );
  return text.split('\n').slice(0, -1);
};

describe('the story', () => {
  it('says when something happened and wraps at 80 columns', () => {
    const lines = tell((story) => story.say('word '.repeat(30).trim()));
    expect(lines).toEqual([
      `   1.5 s  ${'word '.repeat(14).trim()}`,
      `          ${'word '.repeat(14).trim()}`,
      '          word word',
    ]);
  });

  it('draws who owns what, as ranges and as a bar', () => {
    const lines = tell((story) =>
      story.picture('rev. 2', 12, {
        'm-1': [[6, 8]],
        'm-0': [[0, 3]],
        'm-2': [
          [4, 5],
          [9, 11],
        ],
      }),
    );
    expect(lines).toEqual([
      '          rev. 2   0→[0-3] 1→[6-8] 2→[4-5,9-11]',
      '                   000022111222',
    ]);
  });

  it('ends with a table within 80 columns', () => {
    const row = {
      name: 'shrink-back',
      service: 'messaging',
      revision: { from: 12, to: 13 },
      moved: { partitions: 120, clients: 1_000, lowerBound: 120 },
      gapMs: { n: 1_000, p50: 90, p99: 1_234, max: 4_321 },
      messages: { sent: 123_456, lost: 0 },
      overlaps: 0,
      ok: false,
    };
    const lines = tell((story) => story.table([row, { ...row, ok: true }]));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines[1]).toMatch(/^shrink-back .* FAILED$/);
    expect(lines[2]).toMatch(/ ok$/);
  });
});

// The README's picture: the demo's own words, each at its moment, all of them there without animation.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { demoScene, terminalSvg } from '../../../examples/pictures/terminal.js';
import { root } from '../../support/source-tree.js';

const output = `
── messaging ───
   1.0 s  two are ready

── grow: it fills up ───
  10.0 s  165 → 300 <clients>
  12.0 s  acts
          · plan
          · commit
  15.0 s  0 lost
          http://127.0.0.1:1/x

── shrink ──
  20.0 s  no
`;

describe('a scene of the demo', () => {
  it('has its own lines, those without a stamp between the ones that have one', () => {
    const scene = demoScene(output, 'grow');
    expect(scene.map(({ text }) => text.trim())).toEqual([
      '── grow: it fills up ───',
      '10.0 s  165 → 300 <clients>',
      '12.0 s  acts',
      '· plan',
      '· commit',
      '15.0 s  0 lost',
    ]);
    expect(scene.map(({ at }) => at)).toEqual([10, 10, 12, 13, 14, 15]);
    expect(() => demoScene(output, 'fly')).toThrow('no scene "fly"');
  });

  it('is drawn without markup of its own, and stands still where motion is unwanted', () => {
    const svg = terminalSvg(demoScene(output, 'grow'), 'a & b');
    expect(svg).toContain('165 → 300 &lt;clients&gt;');
    expect(svg).toContain('<title>a &amp; b</title>');
    expect(svg).toContain('prefers-reduced-motion');
    expect(svg).not.toMatch(/opacity:0[^}]*}[^@]*<text[^>]*opacity/);
  });
});

describe('docs/pictures/demo.svg', () => {
  it('shows a grow that went as promised', () => {
    const svg = readFileSync(join(root, 'docs/pictures/demo.svg'), 'utf8');
    for (const words of ['2 instances → 3 instances', '0 lost', 'instances at once: 0']) {
      expect(svg).toContain(words);
    }
  });
});

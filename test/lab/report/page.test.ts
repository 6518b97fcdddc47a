// The report as text: whole, self-contained, the same bytes again, and nobody's markup but ours.
import { describe, expect, it } from 'vitest';
import { measuredChange } from '../../../src/lab/change-model.js';
import { policyFor } from '../../../src/lab/default-policy.js';
import { htmlOf } from '../../../src/lab/report/page.js';
import { search } from '../../../src/lab/search.js';
import { simulateShown } from '../../../src/lab/simulate.js';
import { daily, traceOf } from '../given-trace.js';

const setting = { change: measuredChange, everyMs: 300_000 };

function report(names: readonly string[], title = 'load.csv', searches = true): string {
  const trace = traceOf(daily(12, 2_000));
  const policies = names.map((name) => ({ name, policy: policyFor(100, 40) }));
  const shown = simulateShown(trace, policies, setting, { from: 300 });
  const options = { from: 300, targetShares: [0.7, 0.9] };
  const points = searches ? search(trace, policyFor(100, 40), setting, options) : [];
  return htmlOf({
    title,
    ...shown,
    ...(searches ? { search: { points, overloads: [500] } } : {}),
  });
}

describe('a report', () => {
  it('has each chart in two widths, every policy and every family by name', () => {
    const html = report(['now.yaml', 'calmer.yaml']);
    expect(html.match(/<figure>/g)).toHaveLength(4);
    expect(html.match(/<svg viewBox="0 0 720 /g)).toHaveLength(4);
    expect(html.match(/<svg viewBox="0 0 330 /g)).toHaveLength(4);
    for (const text of ['now.yaml', 'calmer.yaml', 'HPA-like', 'Cheapest within 500 min'])
      expect(html).toContain(text);
    expect(html).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  it('draws five policies at most, and says so; tables have all', () => {
    const html = report(['a', 'b', 'c', 'd', 'e', 'f'], 'load.csv', false);
    expect(html).toContain('class="served s4"');
    expect(html).not.toContain('class="served s5"');
    expect(html).toContain('(the first 5 policies)');
    expect(html).toContain('Why: f');
  });

  it('has no frontier without a search', () => {
    expect(report(['p'], 'load.csv', false)).not.toContain('Frontier');
  });

  it('asks nobody for anything', () => {
    const html = report(['p']);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|https?:|url\(|@import| on[a-z]+=/i);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('is the same bytes again', () => {
    expect(report(['a', 'b'])).toBe(report(['a', 'b']));
  });

  it('takes no name for markup', () => {
    const html = report(['<script>alert(1)</script>"&\''], '<b>x</b>');
    expect(html).not.toContain('<script');
    expect(html).not.toContain('<b>x');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;&#39;');
  });
});

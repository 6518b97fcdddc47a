// The values that docs/install.md shows are a release: the chart takes them, and renders what the page says.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parsePolicy } from '../../src/cli/policy-file.js';
import { readPage } from '../support/documents.js';
import { root } from '../support/source-tree.js';
import { chartDir, helm, ofKind, render } from './chart.js';

const page = readPage('docs/install.md', readFileSync(join(root, 'docs/install.md'), 'utf8'));
let folder: string;
let values: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'evenkeel-install-'));
  const [block] = page.blocks.filter(({ language }) => language === 'yaml');
  writeFileSync(join(folder, 'values.yaml'), block?.text ?? '');
  values = ['-f', join(folder, 'values.yaml')];
});
afterAll(() => rmSync(folder, { recursive: true }));

it('are not refused', async () => {
  expect(await helm(['lint', '--strict', chartDir, ...values])).toContain('0 chart(s) failed');
});

it('are one service with its routes and its policy, and no conventional one', async () => {
  const objects = await render(values);
  expect(ofKind(objects, 'StatefulSet').map(({ metadata }) => metadata.name)).toEqual([
    'messaging',
  ]);
  expect(ofKind(objects, 'HTTPRoute').length).toBeGreaterThan(0);
  expect(ofKind(objects, 'PrometheusRule')).toHaveLength(1);
  const texts = ofKind(objects, 'ConfigMap').map(
    ({ data }) => (data as Record<string, string>)['policy.yaml'],
  );
  const [policy = ''] = texts.filter((text) => text !== undefined);
  expect(parsePolicy(policy)).toMatchObject({ service: 'messaging', partitions: 360 });
  const names = ofKind(objects, 'Deployment').map(({ metadata }) => metadata.name);
  expect(names.some((name) => /bff|user|chats|idgen/.test(name))).toBe(false);
});

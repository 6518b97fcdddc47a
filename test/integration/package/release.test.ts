// A release as a directory: all of it, or nothing.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../../../stack/programs.js';
import { buildRelease } from '../../../stack/release/build.js';
import { currentPackages } from '../../../stack/release/licences.js';
import { writtenVersions } from '../../../stack/release/checks.js';

const version = writtenVersions()['package.json'] ?? '';
let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'evenkeel-release-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const countOf = (...reaches: string[]): number =>
  currentPackages().filter(({ reach }) => reaches.includes(reach)).length;

it('has the package, the context of the image, the chart, notes, bills of materials and sums', async () => {
  const into = join(directory, 'release');
  const said: string[] = [];
  const onProgress = (line: string) => void said.push(line);
  const files = await buildRelease({ version, notes: '- something', into, onProgress });
  expect(files).toEqual([
    'SHA256SUMS',
    `chart/evenkeel-${version}.tgz`,
    `image/evenkeel-context-${version}.tar.gz`,
    'notes.md',
    `npm/evenkeel-${version}.tgz`,
    'sbom-image.cdx.json',
    'sbom-package.cdx.json',
  ]);
  await run('sha256sum', ['--check', 'SHA256SUMS'], { cwd: into, timeoutMs: 60_000 });
  const context = await run('tar', ['-tzf', join(into, files[2] ?? '')], { timeoutMs: 60_000 });
  expect(context.split('\n')).toEqual(expect.arrayContaining(['Dockerfile', 'src/worker.ts']));
  const chart = await run('tar', ['-tzf', join(into, files[1] ?? '')], { timeoutMs: 60_000 });
  expect(chart).toContain('evenkeel/Chart.yaml');
  const componentsOf = (what: string): number => {
    const text = readFileSync(join(into, `sbom-${what}.cdx.json`), 'utf8');
    const bill = JSON.parse(text) as { metadata: unknown; components: unknown[] };
    expect(bill.metadata).toMatchObject({ component: { name: 'evenkeel', version } });
    return bill.components.length;
  };
  expect(componentsOf('package')).toBe(countOf('package'));
  expect(componentsOf('image')).toBe(countOf('package', 'image'));
  expect(existsSync(`${into}.making`)).toBe(false);
}, 600_000);

it('that cannot be made leaves what was there as it was', async () => {
  const into = join(directory, 'no-such-parent\0', 'release');
  const making = buildRelease({ version, notes: '', into, onProgress: () => undefined });
  await expect(making).rejects.toThrow();
  expect(existsSync(join(directory, 'release.making'))).toBe(false);
});

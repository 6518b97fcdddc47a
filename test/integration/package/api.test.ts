// What the package offers is what api/ says: nobody changes it without seeing that.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { checkoutDir } from '../../../stack/checkout.js';
import { apiDifferences, makeApiReports, type ApiReport } from '../../../stack/release/api.js';

let reports: readonly ApiReport[];
beforeAll(async () => {
  const bootstrap = pathToFileURL(join(checkoutDir, 'stack/bootstrap/build.mjs')).href;
  const { build } = (await import(bootstrap)) as { build: () => Promise<void> };
  await build();
  reports = makeApiReports();
}, 600_000);

it('is in api/, and a change is accepted by `npm run api`', () => {
  const what =
    'the public API changed; on purpose? npm run api, commit api/, and tell CHANGELOG.md';
  expect(apiDifferences(reports), what).toEqual([]);
});

it('has a report for each entry of the package', () => {
  const names = reports.map(({ name }) => name).sort();
  expect(names).toEqual(['client', 'instance', 'plan', 'testing', 'worker']);
});

it('a field that went is seen, and so is a new one', () => {
  const directory = mkdtempSync(join(tmpdir(), 'evenkeel-api-'));
  const path = join(directory, 'plan.api.md');
  const plan = reports.find(({ name }) => name === 'plan');
  if (plan === undefined) throw new Error('no report of evenkeel/plan');
  writeFileSync(
    path,
    plan.text.replace(/ +readonly roundsLeft: number;\n/, '    readonly old: 1;\n'),
  );
  const seen = apiDifferences([{ ...plan, path }]);
  rmSync(directory, { recursive: true });
  expect(seen).toEqual([
    'evenkeel/plan:',
    '-     readonly old: 1;',
    '+     readonly roundsLeft: number;',
  ]);
});

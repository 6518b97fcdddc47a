// What stands between a checkout and a release.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkoutDir } from '../../../stack/checkout.js';
import { contextOf } from '../../../stack/release/build.js';
import { changelogSection, releaseNotes } from '../../../stack/release/changelog.js';
import { auditOf, versionComplaints, writtenVersions } from '../../../stack/release/checks.js';

const changelog = '# Changelog\n\n## [Unreleased]\n\n- new\n\n## [0.1.0] - 2026-01-01\n\n- old\n';

describe('notes', () => {
  it('are the section of the version, else what is unreleased', () => {
    expect(releaseNotes(changelog, '0.1.0')).toEqual({ of: '0.1.0', text: '- old' });
    expect(releaseNotes(changelog, '0.2.0')).toEqual({ of: 'Unreleased', text: '- new' });
    expect(releaseNotes('# Changelog\n\n## [Unreleased]\n', '0.2.0')).toBeUndefined();
    expect(changelogSection(changelog, '0X1X0')).toBeUndefined();
  });

  it('can be made of the changelog that there is', () => {
    const text = readFileSync(join(checkoutDir, 'CHANGELOG.md'), 'utf8');
    expect(releaseNotes(text, writtenVersions()['package.json'] ?? '')?.text).toMatch(/^### /);
  });
});

it('every place says the same version, and one that does not is named', () => {
  const versions = writtenVersions();
  expect(Object.keys(versions)).toHaveLength(4);
  expect(versionComplaints(versions)).toEqual([]);
  expect(versionComplaints({ ...versions, 'package.json': '9.0.0' })).toHaveLength(3);
});

describe('what npm says about advisories', () => {
  it.each([
    ['{\n "vulnerabilities": {}\n}', { kind: 'clean' }],
    [
      'warn\n{\n "vulnerabilities": { "ws": { "severity": "high", "range": "<9" } }\n}\n',
      { kind: 'found', advisories: ['ws <9: high'] },
    ],
    [
      '{\n "message": "405 Method Not Allowed - POST https://x/bulk"\n}',
      { kind: 'not-asked', why: 'the registry answers 405 Method Not Allowed' },
    ],
    ['', { kind: 'not-asked', why: 'the registry answers nothing of use' }],
  ])('is clean, found or not known: %j', (said, answer) => {
    expect(auditOf(said)).toEqual(answer);
  });
});

it('the context of the image is what the Dockerfile copies from outside', () => {
  const text = readFileSync(join(checkoutDir, 'Dockerfile'), 'utf8');
  expect(contextOf(text)).toEqual(
    expect.arrayContaining([
      'Dockerfile',
      '.npmrc',
      'package-lock.json',
      'src',
      'stack',
      'LICENSE',
    ]),
  );
  expect(contextOf(text).join(' ')).not.toMatch(/node_modules|dist|test/);
});

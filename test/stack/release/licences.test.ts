// Licences: every package of the lockfile, who gets it, and whether that is allowed.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  currentPackages,
  licenceComplaints,
  licencesFile,
  licencesPage,
  readLockfile,
} from '../../../stack/release/licences.js';
import { lockedPackages, type Lockfile } from '../../../stack/release/locked.js';

const lock: Lockfile = {
  packages: {
    '': {
      dependencies: { a: '1' },
      peerDependencies: { p: '1' },
      devDependencies: { p: '1', d: '1' },
    },
    'node_modules/a': { version: '1.0.0', license: 'MIT', dependencies: { shared: '1' } },
    'node_modules/a/node_modules/shared': { version: '1.0.0', license: 'GPL-3.0' },
    'node_modules/shared': { version: '2.0.0', license: '(MIT OR GPL-3.0)' },
    'node_modules/p': {
      ...{ version: '1.0.0', license: 'MIT', dependencies: { shared: '2' } },
      ...{ peerDependencies: { q: '1', d: '1' }, peerDependenciesMeta: { d: { optional: true } } },
    },
    'node_modules/q': { version: '1.0.0', license: 'CC-BY-4.0', optionalDependencies: { x: '1' } },
    'node_modules/d': { version: '1.0.0', dependencies: { a: '1' } },
  },
};

describe('who gets a package', () => {
  it('follows what needs what, as Node finds it', () => {
    const reaches = lockedPackages(lock).map((one) => [`${one.name}@${one.version}`, one.reach]);
    expect(Object.fromEntries(reaches)).toEqual({
      'a@1.0.0': 'package',
      'd@1.0.0': 'development',
      'p@1.0.0': 'image',
      'q@1.0.0': 'image',
      'shared@1.0.0': 'package',
      'shared@2.0.0': 'image',
    });
  });

  it('decides what its licence may be', () => {
    expect(licenceComplaints(lockedPackages(lock))).toEqual([
      'd@1.0.0 (development) is under none, which is not allowed there',
      'shared@1.0.0 (package) is under GPL-3.0, which is not allowed there',
    ]);
  });

  it('of an AND, every licence counts', () => {
    const one = { name: 'a', version: '1', licence: 'MIT AND GPL-3.0', reach: 'package' } as const;
    expect(licenceComplaints([one])).toHaveLength(1);
    expect(licenceComplaints([{ ...one, licence: '(MIT AND Zlib)' }])).toEqual([]);
  });
});

describe('what package-lock.json holds', () => {
  it('is allowed', () => {
    expect(licenceComplaints(currentPackages())).toEqual([]);
  });

  it('is what docs/licences.md lists; otherwise: npm run licences', () => {
    expect(licencesPage(currentPackages())).toBe(readFileSync(licencesFile, 'utf8'));
  });

  it('gives an embedder few packages: none of them Temporal’s', () => {
    const all = lockedPackages(readLockfile()).filter(({ reach }) => reach === 'package');
    expect(all.length).toBeLessThanOrEqual(40);
    expect(all.filter(({ name }) => /temporal|kubernetes|fastify/.test(name))).toEqual([]);
  });
});

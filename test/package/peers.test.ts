// What people read when a package is missing that only some parts of Evenkeel need.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MissingPackageError, missingPackage, withPackages } from '../../src/package/peers.js';
import { packageManifest } from '../../src/package/manifest.js';
import { root } from '../support/source-tree.js';

const notFound = (specifier: string, code = 'ERR_MODULE_NOT_FOUND') =>
  Object.assign(new Error(`Cannot find package '${specifier}' imported from /app/x.js`), { code });

describe('a missing package', () => {
  it.each(Object.keys(packageManifest().peerDependencies))(
    'is named with the command that installs it: %s',
    (name) => {
      const version = packageManifest().peerDependencies[name] ?? '';
      const error = missingPackage('evenkeel status', notFound(`${name}/lib/x.js`));
      expect(error).toBeInstanceOf(MissingPackageError);
      expect(error?.message).toContain(`evenkeel status needs ${name}, which is not installed`);
      expect(error?.install).toMatch(/^npm install /);
      expect(error?.install.split(' ')).toContain(`${name}@${version}`);
    },
  );

  it('brings with it whatever else the same part needs', () => {
    const error = missingPackage('x', notFound('@temporalio/worker'));
    expect(error?.install.match(/@temporalio\/\w+@[\d.]+/g)).toHaveLength(5);
  });

  it.each(['lodash', '@temporalio', 'fastify-plugin', ''])('is not any other: %j', (specifier) => {
    expect(missingPackage('x', notFound(specifier))).toBeUndefined();
  });

  it('is not another kind of error, and that goes on as it is', async () => {
    const other = notFound('fastify', 'ENOENT');
    await expect(withPackages('x', () => Promise.reject(other))).rejects.toBe(other);
    expect(await withPackages('x', () => Promise.resolve(1))).toBe(1);
  });
});

it('what is optional for users is there for whoever works on this, at the same version', () => {
  const { peerDependencies, peerDependenciesMeta, devDependencies, dependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as Record<string, Record<string, unknown>>;
  expect(Object.keys(peerDependenciesMeta ?? {})).toEqual(Object.keys(peerDependencies ?? {}));
  expect(devDependencies).toMatchObject(peerDependencies ?? {});
  expect(
    Object.keys(dependencies ?? {}).filter((name) => name in (peerDependencies ?? {})),
  ).toEqual([]);
});

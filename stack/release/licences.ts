// Owns: which licences are allowed for whom, and docs/licences.md, which lists what there is. A test holds both
// against package-lock.json.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDir } from '../checkout.js';
import { lockedPackages, type LockedPackage, type Lockfile, type Reach } from './locked.js';

export const licencesFile = join(checkoutDir, 'docs', 'licences.md');

/** They ask for no more than to be named. */
const permissive = [
  ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'],
  ...['Python-2.0', 'Unlicense', 'Zlib'],
];
/** Data of browsers' versions, which webpack reads: to be named, too. */
const inImage = ['CC-BY-4.0'];
/** Asks that changes of its own files be published; nothing of it leaves this checkout. */
const inDevelopment = ['MPL-2.0'];

export const allowedLicences: Readonly<Record<Reach, readonly string[]>> = {
  package: permissive,
  image: [...permissive, ...inImage],
  development: [...permissive, ...inImage, ...inDevelopment],
};

/** Those that say nothing in their package.json, looked up in their LICENSE file. */
const lookedUp: Readonly<Record<string, string>> = { 'unionfs@4.6.0': 'Unlicense' };

export const licenceOf = ({ name, version, licence }: LockedPackage): string =>
  licence ?? lookedUp[`${name}@${version}`] ?? 'none';

export function readLockfile(): Lockfile {
  return JSON.parse(readFileSync(join(checkoutDir, 'package-lock.json'), 'utf8')) as Lockfile;
}

/** One sentence for each package whose licence is not allowed where it goes. */
export function licenceComplaints(packages: readonly LockedPackage[]): readonly string[] {
  return packages
    .filter((one) => !isAllowed(licenceOf(one), allowedLicences[one.reach]))
    .map(
      (one) =>
        `${one.name}@${one.version} (${one.reach}) is under ${licenceOf(one)}, which is not allowed there`,
    );
}

/** Of an OR one must be allowed, of an AND all. No expression of ours nests them. */
function isAllowed(expression: string, allowed: readonly string[]): boolean {
  return expression
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((one) => allowed.includes(one.trim())));
}

/** docs/licences.md. */
export function licencesPage(packages: readonly LockedPackage[]): string {
  const of = (reach: Reach) => packages.filter((one) => one.reach === reach);
  const development = of('development');
  const kinds = [...new Set(development.map(licenceOf))].sort();
  const counts = kinds.map((kind): [string, string] => [
    kind,
    String(development.filter((one) => licenceOf(one) === kind).length),
  ]);
  const rows = (reach: Reach) =>
    of(reach).map((one): [string, string] => [`${one.name} ${one.version}`, licenceOf(one)]);
  return [
    '# Licences of what Evenkeel stands on',
    '',
    'Written by `npm run licences` from package-lock.json; a test fails when the two differ, or when a licence',
    'is not allowed where its package goes. Evenkeel itself is under Apache-2.0.',
    '',
    `Allowed in the package: ${permissive.slice(0, -3).join(', ')},`,
    `${permissive.slice(-3).join(', ')}. In the image also ${inImage.join(', ')} (data, to be named). For development also`,
    `${inDevelopment.join(', ')}: nothing of it is passed on.`,
    '',
    `## Installed with the package (${of('package').length})`,
    '',
    ...table(['package', 'licence'], rows('package')),
    '',
    `## Besides, in the image (${of('image').length})`,
    '',
    'Temporal, the Kubernetes client and the other optional peers, with all that they need, for every platform.',
    '',
    ...table(['package', 'licence'], rows('image')),
    '',
    `## For development only (${development.length})`,
    '',
    ...table(['licence', 'packages'], counts),
    '',
  ].join('\n');
}

/** As Prettier writes it, so that both are content. */
function table(
  head: readonly [string, string],
  rows: readonly (readonly [string, string])[],
): readonly string[] {
  const width = (column: 0 | 1) => Math.max(3, ...[head, ...rows].map((row) => row[column].length));
  const line = (row: readonly [string, string]) =>
    `| ${row[0].padEnd(width(0))} | ${row[1].padEnd(width(1))} |`;
  const rule = `| ${'-'.repeat(width(0))} | ${'-'.repeat(width(1))} |`;
  return [line(head), rule, ...rows.map(line)];
}

/** What docs/licences.md must say now. */
export const currentPackages = (): readonly LockedPackage[] => lockedPackages(readLockfile());

// `npm run licences`: writes docs/licences.md from package-lock.json; fails when a licence is not allowed.

import { writeFileSync } from 'node:fs';
import { currentPackages, licenceComplaints, licencesFile, licencesPage } from './licences.js';

export async function main(argv: readonly string[]): Promise<number> {
  if (argv.length > 0) {
    process.stderr.write('npm run licences: takes no arguments; writes docs/licences.md\n');
    return 2;
  }
  const packages = currentPackages();
  const complaints = licenceComplaints(packages);
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  if (complaints.length > 0) return 1;
  writeFileSync(licencesFile, licencesPage(packages));
  process.stdout.write(`docs/licences.md names ${packages.length} packages\n`);
  return 0;
}

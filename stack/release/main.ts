// `npm run release -- --dry-run`: everything of a release in one directory, checked and published nowhere.
// Without --dry-run it does nothing but say what a release would need: publishing is a person's act, with
// rights that this checkout does not have. docs/releases.md says how.

import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { checkoutDir } from '../checkout.js';
import { buildRelease } from './build.js';
import { releaseNotes } from './changelog.js';
import {
  apiChanged,
  audit,
  currentCommit,
  licencesWrong,
  uncommitted,
  versionComplaints,
  writtenVersions,
} from './checks.js';

const usage = 'npm run release -- --dry-run';

export async function main(argv: readonly string[]): Promise<number> {
  const dryRun = argv.includes('--dry-run');
  if (argv.some((one) => one !== '--dry-run')) {
    say(usage);
    return 2;
  }
  const version = writtenVersions()['package.json'] ?? '';
  const notes = releaseNotes(readFileSync(join(checkoutDir, 'CHANGELOG.md'), 'utf8'), version);
  if (!dryRun) {
    needs(version, notes?.of).forEach((line) => say(line));
    return 2;
  }
  if (notes === undefined) {
    say(`CHANGELOG.md says nothing, neither of [${version}] nor of [Unreleased]`);
    return 1;
  }
  if (!(await passes(version))) return 1;
  const into = join(checkoutDir, 'dist', 'release', version);
  const files = await buildRelease({ version, notes: notes.text, into, onProgress: say });
  say(`notes: the section [${notes.of}] of CHANGELOG.md`);
  files.forEach((name) => say(`  ${join('dist', 'release', version, name)}`));
  say('nothing was published, tagged or changed; what a release needs: npm run release');
  return 0;
}

/** All checks are made, so that one run says all that is wrong. */
async function passes(version: string): Promise<boolean> {
  const known = await audit();
  const found: readonly (readonly [string, readonly string[]])[] = [
    ['the tree is clean', await uncommitted()],
    [`every place says ${version}`, versionComplaints(writtenVersions())],
    ['licences are allowed', licencesWrong()],
    ['the public API is what api/ says (npm run api)', apiChanged()],
    ...(known.kind === 'not-asked'
      ? []
      : [['no known advisory', known.kind === 'found' ? known.advisories : []] as const]),
  ];
  for (const [what, complaints] of found) {
    say(`${complaints.length === 0 ? 'ok    ' : 'WRONG '} ${what}`);
    complaints.forEach((complaint) => say(`         ${complaint}`));
  }
  // No reason against a dry run; a release needs the answer.
  if (known.kind === 'not-asked') say(`?      whether there is an advisory: ${known.why}`);
  say(`commit ${await currentCommit()}`);
  return found.every(([, complaints]) => complaints.length === 0);
}

function needs(version: string, notesOf: string | undefined): readonly string[] {
  return [
    'nothing was done. A release is published by a person, who needs:',
    notesOf === version
      ? `  - CHANGELOG.md has its section [${version}]`
      : `  - a section [${version}] with its date in CHANGELOG.md, made of [Unreleased]`,
    '  - this command with --dry-run, on the commit that is released, without a WRONG',
    '  - the answer of a registry that audits: npm audit',
    `  - a signed tag v${version}`,
    '  - package.json without "private", and rights for the name: npm publish dist/release/…/npm/*.tgz',
    '  - a registry for the image and for the chart, and rights there',
    `docs/releases.md says in which order. First: ${usage}`,
  ];
}

const say = (line: string): void => void process.stdout.write(`release: ${line}\n`);

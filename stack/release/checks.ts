// Owns: what must be so before anything is released: a clean tree, one version everywhere, allowed licences, the
// public API as api/ says. Each check answers with what is wrong; changes nothing.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { checkoutDir } from '../checkout.js';
import { run } from '../programs.js';
import { apiDifferences, makeApiReports } from './api.js';
import { npmOutput } from './npm.js';
import { currentPackages, licenceComplaints, readLockfile } from './licences.js';

const gitWithinMs = 30_000;

/** Where a version is written down, and what it says there. */
export type Versions = Readonly<Record<string, string>>;

/** What is changed or not committed. */
export async function uncommitted(): Promise<readonly string[]> {
  const args = ['-C', checkoutDir, 'status', '--porcelain'];
  const status = await run('git', args, { timeoutMs: gitWithinMs });
  return status.split('\n').filter((line) => line !== '');
}

export async function currentCommit(): Promise<string> {
  const args = ['-C', checkoutDir, 'rev-parse', 'HEAD'];
  return (await run('git', args, { timeoutMs: gitWithinMs })).trim();
}

export function writtenVersions(): Versions {
  const read = (path: string): string => readFileSync(join(checkoutDir, path), 'utf8');
  const chart = parse(read('helm/evenkeel/Chart.yaml')) as { version: string; appVersion: string };
  return {
    'package.json': (JSON.parse(read('package.json')) as { version: string }).version,
    'package-lock.json': readLockfile().packages['']?.version ?? 'none',
    'version of helm/evenkeel/Chart.yaml': chart.version,
    'appVersion of helm/evenkeel/Chart.yaml': chart.appVersion,
  };
}

/** One sentence for each place that says another version than package.json. */
export function versionComplaints(versions: Versions): readonly string[] {
  const wanted = versions['package.json'];
  return Object.entries(versions)
    .filter(([, version]) => version !== wanted)
    .map(([place, version]) => `${place} is ${version}, and package.json says ${wanted ?? 'none'}`);
}

export const licencesWrong = (): readonly string[] => licenceComplaints(currentPackages());

/** The checkout must be built. */
export const apiChanged = (): readonly string[] => apiDifferences(makeApiReports());

export type Audit =
  | { readonly kind: 'clean' }
  | { readonly kind: 'found'; readonly advisories: readonly string[] }
  | { readonly kind: 'not-asked'; readonly why: string };

/** What the registry knows against what is locked, development included. Some registries do not answer that. */
export async function audit(): Promise<Audit> {
  // It fails both when it finds something and when it cannot ask; what it says tells which.
  const said = await npmOutput(['audit', '--json'], checkoutDir, true);
  return auditOf(said);
}

/** Of what npm said: JSON, after whatever else. */
export function auditOf(said: string): Audit {
  let answer: unknown;
  try {
    answer = JSON.parse(said.slice(said.indexOf('{\n'), said.lastIndexOf('}') + 1));
  } catch {
    answer = undefined;
  }
  const { vulnerabilities, message } = (answer ?? {}) as {
    vulnerabilities?: Readonly<Record<string, { severity: string; range: string }>>;
    message?: string;
  };
  if (vulnerabilities === undefined) {
    const [refusal] = /\b\d{3} [A-Z][A-Za-z ]+/.exec(message ?? said) ?? [];
    return {
      kind: 'not-asked',
      why: `the registry answers ${refusal?.trim() ?? 'nothing of use'}`,
    };
  }
  const advisories = Object.entries(vulnerabilities).map(
    ([name, { severity, range }]) => `${name} ${range}: ${severity}`,
  );
  return advisories.length === 0 ? { kind: 'clean' } : { kind: 'found', advisories };
}

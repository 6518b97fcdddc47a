// Owns: the packages that only some parts of Evenkeel need, and what is said where one is missing. An
// embedder's tree stays small because nobody gets Temporal's worker or the Kubernetes client unasked.

import { packageManifest } from './manifest.js';

/** Whoever needs one of a group needs all of it, so one command installs them. */
const groups: readonly (readonly string[])[] = [
  [
    '@temporalio/activity',
    '@temporalio/client',
    '@temporalio/common',
    '@temporalio/worker',
    '@temporalio/workflow',
  ],
  ['@kubernetes/client-node'],
  ['fastify', '@fastify/rate-limit'],
  ['d3-scale', 'd3-shape'],
  [
    '@opentelemetry/api',
    '@opentelemetry/sdk-trace-base',
    '@opentelemetry/exporter-trace-otlp-http',
    '@opentelemetry/resources',
  ],
];

/** Thrown where a part needs a package that is not installed; says which, and how to install it. */
export class MissingPackageError extends Error {
  readonly packageName: string;
  /** The command that installs it, with everything else that this part needs. */
  readonly install: string;

  constructor(who: string, packageName: string, install: string, cause: unknown) {
    super(`${who} needs ${packageName}, which is not installed: ${install}`, { cause });
    this.name = 'MissingPackageError';
    this.packageName = packageName;
    this.install = install;
  }
}

/**
 * Loads a part that needs such packages. `who`: how people call it. @throws MissingPackageError; any
 * other error as it is.
 */
export async function withPackages<T>(who: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw missingPackage(who, error) ?? error;
  }
}

/** Undefined when the error is about anything else than one of these packages. */
export function missingPackage(who: string, error: unknown): MissingPackageError | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return undefined;
  const [, specifier = ''] =
    /^Cannot find (?:package|module) '([^']+)'/.exec(String(message)) ?? [];
  const group = groups.find((names) => names.some((name) => isOf(name, specifier)));
  const name = group?.find((one) => isOf(one, specifier));
  if (group === undefined || name === undefined) return undefined;
  const versions = packageManifest().peerDependencies;
  const wanted = group.map((one) => `${one}@${versions[one] ?? 'latest'}`);
  return new MissingPackageError(who, name, `npm install ${wanted.join(' ')}`, error);
}

const isOf = (name: string, specifier: string): boolean =>
  specifier === name || specifier.startsWith(`${name}/`);

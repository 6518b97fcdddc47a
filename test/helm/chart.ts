// Owns: the chart under test: Helm, what it renders as objects, and the values files of the matrix.
// Talks to no cluster.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { checkoutDir } from '../../stack/checkout.js';
import { findHelm } from '../../stack/kubernetes/programs.js';

const exec = promisify(execFile);
export const chartDir = join(checkoutDir, 'helm', 'evenkeel');
const valuesDir = join(checkoutDir, 'test', 'helm', 'values');
const outputMaxBytes = 64 * 1024 * 1024;
const withinMs = 120_000;

/** Every file of test/helm/values, each with a comment on what it is. */
export const valuesFiles: readonly string[] = readdirSync(valuesDir).sort();
export const nameOf = (file: string): string => basename(file, '.yaml');
export const valuesOf = (name: string): string[] => ['-f', join(valuesDir, `${name}.yaml`)];

/** A rendered object, as far as tests look into it. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** What lies at a path, `spec.template.spec`, of the shape that the caller knows; undefined when nothing. */
export function at<T>(object: unknown, path: string): T {
  return path
    .split('.')
    .reduce<unknown>(
      (here, key) => (here as Record<string, unknown> | undefined)?.[key],
      object,
    ) as T;
}

const say = (line: string) => process.stderr.write(`${line}\n`);
let program: Promise<string> | undefined;

/** Runs Helm; rejects with what it said. */
export async function helm(args: readonly string[], env: Record<string, string> = {}) {
  program ??= findHelm(say);
  try {
    const { stdout } = await exec(await program, [...args], {
      maxBuffer: outputMaxBytes,
      timeout: withinMs,
      env: { ...process.env, ...env },
    });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`helm ${args[0] ?? ''}: ${stderr}${stdout}`, { cause: error });
  }
}

export const release = 'demo';

/** The text that `helm template` gives, hooks and the test pod included. */
export function templateText(args: readonly string[] = []): Promise<string> {
  return helm(['template', release, chartDir, ...args]);
}

export async function render(args: readonly string[] = []): Promise<readonly Rendered[]> {
  return objectsOf(await templateText(args));
}

export function objectsOf(text: string): readonly Rendered[] {
  return parseAllDocuments(text)
    .map((document): unknown => {
      const [broken] = document.errors;
      if (broken !== undefined) throw broken;
      return document.toJS() as unknown;
    })
    .filter((value): value is Rendered => value !== null);
}

/** The one object of that kind and name. */
export function one(objects: readonly Rendered[], kind: string, name: string): Rendered {
  const found = objects.filter((each) => each.kind === kind && each.metadata.name === name);
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${found.length} objects ${kind} ${name}`);
  return found[0];
}

export const ofKind = (objects: readonly Rendered[], kind: string): readonly Rendered[] =>
  objects.filter((each) => each.kind === kind);

/** The pods that objects make: their own spec, or that of a template. */
export function podSpecs(objects: readonly Rendered[]): { of: string; spec: PodSpec }[] {
  return objects.flatMap((object) => {
    const path = object.kind === 'Pod' ? 'spec' : 'spec.template.spec';
    const found = at<PodSpec | undefined>(object, path);
    return found === undefined
      ? []
      : [{ of: `${object.kind} ${object.metadata.name}`, spec: found }];
  });
}

export interface PodSpec {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly automountServiceAccountToken: boolean;
  readonly serviceAccountName?: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly initContainers?: readonly ContainerSpec[];
  readonly containers: readonly ContainerSpec[];
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
}
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { name: string; value?: string; valueFrom?: unknown }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly resources: { readonly requests?: unknown };
  readonly [field: string]: unknown;
}

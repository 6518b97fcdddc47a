// Owns: what the two Java parts share: finding a JDK, and copying jars with their dependencies out
// of a Maven repository. Never starts a server.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingProgram, PartError, type Part } from './part.js';
import { findOnPath, run } from './programs.js';

const javaMajorMin = 17;
const copyMs = 10 * 60_000;
const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** A Maven artifact as group:artifact:version. */
export type Coordinates = `${string}:${string}:${string}`;

type Described = Pick<Part, 'name' | 'title' | 'variable'>;

/** The absolute path of `java`; throws the sentence about a missing or too old one. */
export async function findJava(part: Described, program: string): Promise<string> {
  const java = findOnPath('java');
  if (java === undefined)
    throw missingProgram(part, `Java (\`java\`, JDK ${javaMajorMin})`, program);
  const text = await run(java, ['-version'], { timeoutMs: 30_000 });
  const major = Number(/version "(?:1\.)?(\d+)/.exec(text)?.[1] ?? 0);
  if (major < javaMajorMin) {
    throw new PartError(
      part.name,
      `${part.title} needs Java ${javaMajorMin} or later, but ${java} is version ${major || 'unknown'}. ` +
        `Install a newer JDK, or set ${part.variable} to one that runs already.`,
    );
  }
  return java;
}

// Two Maven processes that fill the same local repository at once disturb each other.
let queue: Promise<unknown> = Promise.resolve();

/** Copies the artifacts and everything they need at run time into `<directory>/jars`. */
export async function copyJars(
  part: Described,
  program: string,
  artifacts: readonly Coordinates[],
  directory: string,
): Promise<void> {
  const mvn = findOnPath('mvn');
  if (mvn === undefined) throw missingProgram(part, 'Maven (`mvn`)', program);
  const dependencies = artifacts.map((artifact) => {
    const [group, name, version] = artifact.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
  });
  const pom = join(directory, 'pom.xml');
  writeFileSync(
    pom,
    `<project><modelVersion>4.0.0</modelVersion><groupId>evenkeel.stack</groupId>` +
      `<artifactId>${part.name}</artifactId><version>1</version><packaging>pom</packaging>` +
      `<dependencies>${dependencies.join('')}</dependencies></project>\n`,
  );
  mkdirSync(join(directory, 'jars'));
  const output = `-DoutputDirectory=${join(directory, 'jars')}`;
  const copy = queue.then(() =>
    run(mvn, ['-B', '-q', '-f', pom, plugin, '-DincludeScope=runtime', output], {
      timeoutMs: copyMs,
    }),
  );
  queue = copy.catch(() => undefined);
  try {
    await copy;
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new PartError(part.name, `${part.title} cannot be fetched by Maven: ${text}`, cause);
  }
}

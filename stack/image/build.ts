// Owns: the steps of the Dockerfile without a container engine: each stage has a directory for its root,
// COPY copies and RUN runs there, with the programs of this machine in the place of the base image's. The
// same commands from one source. What only changes the base image (apt-get) is left out, and said.

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkoutDir } from '../checkout.js';
import { run } from '../programs.js';
import {
  configOf,
  envOf,
  parseCopy,
  parseDockerfile,
  type ImageConfig,
  type Stage,
} from './dockerfile.js';

export interface BuiltImage {
  /** What the image's root has besides the base image. */
  readonly root: string;
  readonly config: ImageConfig;
  /** RUN instructions that were left out. */
  readonly leftOut: readonly string[];
}

const changesBaseImage = /^apt-get /;
/** One RUN: packages are fetched where this machine has none. */
const commandMs = 300_000;

/**
 * Builds into `<into>/<stage>`, which is emptied before. Throws with the end of its output when a command
 * fails.
 */
export async function buildImage(options: {
  readonly into: string;
  readonly onProgress: (line: string) => void;
}): Promise<BuiltImage> {
  const { into, onProgress } = options;
  const stages = parseDockerfile(readFileSync(join(checkoutDir, 'Dockerfile'), 'utf8'));
  const leftOut: string[] = [];
  const rootOf = (name: string) => join(into, name);
  for (const stage of stages) {
    rmSync(rootOf(stage.name), { recursive: true, force: true });
    mkdirSync(rootOf(stage.name), { recursive: true });
    await buildStage(stage, {
      rootOf,
      logFile: join(into, `${stage.name}.log`),
      onProgress,
      leftOut,
    });
  }
  const last = stages.at(-1);
  if (last === undefined) throw new Error('the Dockerfile has no stage');
  return { root: rootOf(last.name), config: configOf(last), leftOut };
}

async function buildStage(
  { name: stage, instructions }: Stage,
  at: {
    readonly rootOf: (stage: string) => string;
    readonly logFile: string;
    readonly onProgress: (line: string) => void;
    readonly leftOut: string[];
  },
): Promise<void> {
  const root = at.rootOf(stage);
  let workingDir = root;
  for (const { name, rest } of instructions) {
    if (name === 'WORKDIR') {
      workingDir = join(root, rest);
      mkdirSync(workingDir, { recursive: true });
    }
    if (name === 'COPY') copy(rest, { ...at, root, workingDir });
    if (name !== 'RUN') continue;
    if (changesBaseImage.test(rest)) {
      at.leftOut.push(rest);
      at.onProgress(`${stage}: left out, it changes the base image: ${rest}`);
      continue;
    }
    at.onProgress(`${stage}: ${rest}`);
    // Of ours it would only mean something else there: what npm says to its scripts, and Vitest to tests.
    const forget = ['NODE_ENV', 'INIT_CWD', 'npm_config_local_prefix'].flatMap((of) => ['-u', of]);
    const env = { ...envOf(instructions), npm_config_prefer_offline: 'true' };
    const how = { cwd: workingDir, env, timeoutMs: commandMs, logFile: at.logFile };
    await run('env', [...forget, 'sh', '-c', rest], how);
  }
}

function copy(
  rest: string,
  {
    rootOf,
    root,
    workingDir,
  }: { rootOf: (stage: string) => string; root: string; workingDir: string },
): void {
  const { from, sources, target } = parseCopy(rest);
  const base = from === undefined ? checkoutDir : rootOf(from);
  const to = target.startsWith('/') ? join(root, target) : join(workingDir, target);
  for (const source of sources) {
    const path = join(base, source);
    if (!existsSync(path)) throw new Error(`COPY ${rest}: ${source} is not there`);
    const into = target.endsWith('/') ? join(to, basename(source)) : to;
    cpSync(path, into, { recursive: true, verbatimSymlinks: true });
  }
}

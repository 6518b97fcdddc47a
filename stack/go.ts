// Owns: building programs written in Go, away from whatever checkout lies around them. Never decides
// what is built.
import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findOnPath, run } from './programs.js';

const buildMs = 60 * 60_000;

/** A checkout around us must not lend its go.mod, its flags or its toolchain to a build. */
const cleanEnv = { GOTOOLCHAIN: 'auto', CGO_ENABLED: '0', GOWORK: 'off' };

/** The path of `go`; throws `otherwise` when there is none. */
export function findGo(otherwise: () => Error): string {
  const go = findOnPath('go');
  if (go === undefined) throw otherwise();
  return go;
}

/** `go install <module>@<version>`: one program of a published module, into `directory`. */
export async function goInstall(
  go: string,
  program: { readonly module: string; readonly version: string; readonly ldflags?: string },
  directory: string,
): Promise<void> {
  const bin = join(directory, 'go-bin');
  mkdirSync(bin);
  const ldflags = ['-s -w', program.ldflags ?? ''].join(' ').trim();
  const target = `${program.module}@v${program.version}`;
  await run(go, ['install', '-trimpath', '-ldflags', ldflags, target], {
    cwd: directory,
    env: { ...cleanEnv, GOBIN: bin },
    timeoutMs: buildMs,
  });
  const name = basename(program.module);
  copyFileSync(join(bin, name), join(directory, name));
  chmodSync(join(directory, name), 0o755);
  rmSync(bin, { recursive: true, force: true });
}

/** Builds the main package of a module of our own (go.mod, go.sum and sources) into `output`. */
export async function goBuild(
  go: string,
  source: { readonly directory: string; readonly ldflags: string },
  output: string,
): Promise<void> {
  await run(go, ['build', '-trimpath', '-ldflags', `-s -w ${source.ldflags}`, '-o', output, '.'], {
    cwd: source.directory,
    env: cleanEnv,
    timeoutMs: buildMs,
  });
}

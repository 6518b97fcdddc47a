// Owns: finding Prometheus and its promtool: PATH, the cache, Debian's package where there is apt, or a
// build. Tests of alerts and dashboards use them; nothing else does. Never starts anything.
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findGo } from './go.js';
import { cachedOrBuilt } from './part-cache.js';
import { findOnPath, run } from './programs.js';

/** 3.7, and the module that it is. */
const version = '0.307.0';
const goModule = 'github.com/prometheus/prometheus';
const programs = ['prometheus', 'promtool'] as const;
const fetchMs = 5 * 60_000;
const buildMs = 30 * 60_000;

export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
}

/** Throws a sentence when there is none and none can be had here. */
export async function findPrometheus(
  onProgress: (line: string) => void,
): Promise<PrometheusPrograms> {
  const [prometheus, promtool] = programs.map((name) => findOnPath(name));
  if (prometheus !== undefined && promtool !== undefined) return { prometheus, promtool };
  const { directory } = await cachedOrBuilt(
    {
      key: `prometheus-${version}`,
      title: 'Prometheus and promtool',
      estimateS: 180,
      build: async (into) => {
        if (await unpackDebian(into)) return 'download';
        await buildWithGo(into);
        return 'build';
      },
    },
    onProgress,
  );
  return { prometheus: join(directory, 'prometheus'), promtool: join(directory, 'promtool') };
}

/** False when this is no Debian, or its mirror has no such package. An older version is good enough. */
async function unpackDebian(into: string): Promise<boolean> {
  const [get, unpack] = [findOnPath('apt-get'), findOnPath('dpkg-deb')];
  if (get === undefined || unpack === undefined) return false;
  const packed = join(into, 'packed');
  mkdirSync(packed);
  try {
    await run(get, ['download', 'prometheus'], { cwd: packed, timeoutMs: fetchMs });
    const [file = ''] = readdirSync(packed);
    await run(unpack, ['--extract', join(packed, file), packed], { timeoutMs: fetchMs });
    for (const name of programs) copyFileSync(join(packed, 'usr', 'bin', name), join(into, name));
    for (const name of programs) {
      await run(join(into, name), ['--version'], { timeoutMs: fetchMs });
    }
    return true;
  } catch {
    for (const name of programs) rmSync(join(into, name), { force: true });
    return false; // Building is the answer to every kind of failure here.
  } finally {
    rmSync(packed, { recursive: true, force: true });
  }
}

/** `go install` refuses a module with `exclude` lines, so it is built from a module of its own. */
async function buildWithGo(into: string): Promise<void> {
  const go = findGo(
    () => new Error('Prometheus has to be built here, and Go is missing: install either of them'),
  );
  const module = join(into, 'module');
  mkdirSync(module);
  const how = {
    cwd: module,
    env: { GOTOOLCHAIN: 'auto', CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-mod=mod' },
    timeoutMs: buildMs,
  };
  await run(go, ['mod', 'init', 'evenkeel/prometheus'], how);
  await run(
    go,
    ['get', `${goModule}/cmd/prometheus@v${version}`, `${goModule}/cmd/promtool@v${version}`],
    how,
  );
  const packages = programs.map((name) => `${goModule}/cmd/${name}`);
  await run(
    go,
    ['build', '-tags', 'netgo', '-trimpath', '-ldflags', '-s -w', '-o', into, ...packages],
    how,
  );
  rmSync(module, { recursive: true, force: true });
}

// Owns: the Temporal CLI, whose development server is the real server with its Web UI.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findGo, goInstall } from '../go.js';
import { missingProgram, PartError, type Part, type PartProgram } from '../part.js';
import { cachedOrBuilt } from '../part-cache.js';
import { probeTemporal } from '../probes.js';
import { findOnPath, run } from '../programs.js';

/** The newest release of which `go install` accepts the module (later ones have replace lines). */
const version = '1.5.1';
const goModule = 'github.com/temporalio/cli/cmd/temporal';
/** The vendor's archive, for the systems that it is made for. */
const archives: Readonly<Record<string, string>> = {
  'linux-x64': `https://temporal.download/cli/archive/v${version}?platform=linux&arch=amd64`,
  'linux-arm64': `https://temporal.download/cli/archive/v${version}?platform=linux&arch=arm64`,
  'darwin-x64': `https://temporal.download/cli/archive/v${version}?platform=darwin&arch=amd64`,
  'darwin-arm64': `https://temporal.download/cli/archive/v${version}?platform=darwin&arch=arm64`,
};
/** To the first byte; a network without a way there must not cost more than this. */
const downloadAnswerMs = 3_000;
const downloadMs = 180_000;

export const temporal: Part = {
  name: 'temporal',
  title: `Temporal (CLI ${version}: server and Web UI)`,
  product: 'Temporal',
  variable: 'TEMPORAL_ADDRESS',
  defaultPorts: [7233, 8233, 9233],
  startWaitMs: 120_000,
  env: ([port, ui, metrics]) => ({
    TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
    TEMPORAL_UI_URL: `http://127.0.0.1:${ui}`,
    TEMPORAL_METRICS_URL: `http://127.0.0.1:${metrics}/metrics`,
  }),
  check: async (address) => {
    await probeTemporal(address);
  },
  find: async (onProgress) => {
    const onPath = findOnPath('temporal');
    if (onPath !== undefined) return program(onPath, 'path');
    const cached = await cachedOrBuilt(
      {
        key: `temporal-${version}`,
        title: temporal.title,
        estimateS: 190,
        build: async (directory) => {
          if (await download(directory)) return 'download';
          await buildWithGo(directory);
          return 'build';
        },
      },
      onProgress,
    );
    return program(join(cached.directory, 'temporal'), cached.from);
  },
};

function program(command: string, origin: PartProgram['origin']): PartProgram {
  return {
    origin,
    command: ({ ports: [port, ui, metrics], dataDir }) => ({
      command,
      args: [
        'server start-dev --ip 127.0.0.1 --ui-ip 127.0.0.1 --log-level warn',
        `--port ${port} --ui-port ${ui} --metrics-port ${metrics}`,
        // Survives a restart of the server; need not survive a crash of the machine.
        '--sqlite-pragma journal_mode=WAL --sqlite-pragma synchronous=OFF',
      ]
        .join(' ')
        .split(' ')
        .concat('--db-filename', join(dataDir, 'temporal.db')),
    }),
  };
}

/** False when this system has no archive, the network no way there, or the archive does not run. */
async function download(directory: string): Promise<boolean> {
  const url = archives[`${process.platform}-${process.arch}`];
  const tar = findOnPath('tar');
  if (url === undefined || tar === undefined || process.env['EVENKEEL_NO_DOWNLOAD']) return false;
  const archive = join(directory, 'temporal.tar.gz');
  const aborter = new AbortController();
  let timer = setTimeout(() => aborter.abort(), downloadAnswerMs);
  try {
    const response = await fetch(url, { signal: aborter.signal });
    clearTimeout(timer);
    if (!response.ok) return false;
    timer = setTimeout(() => aborter.abort(), downloadMs);
    writeFileSync(archive, Buffer.from(await response.arrayBuffer()));
    await run(tar, ['-xzf', archive, '-C', directory, 'temporal'], { timeoutMs: 60_000 });
    await run(join(directory, 'temporal'), ['--version'], { timeoutMs: 30_000 });
    return true;
  } catch {
    rmSync(join(directory, 'temporal'), { force: true });
    return false; // Building is the answer to every kind of failure here.
  } finally {
    clearTimeout(timer);
    rmSync(archive, { force: true });
  }
}

async function buildWithGo(directory: string): Promise<void> {
  const go = findGo(() => missingProgram(temporal, 'Go (`go`, 1.21 or later)', 'temporal'));
  const ldflags = `-X github.com/temporalio/cli/temporalcli.Version=${version}`;
  try {
    await goInstall(go, { module: goModule, version, ldflags }, directory);
  } catch (cause) {
    throw new PartError('temporal', `${temporal.title} cannot be built: ${reason(cause)}`, cause);
  }
}

const reason = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

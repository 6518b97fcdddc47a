// Owns: what a release consists of, made into one directory: the package, the context of the image, the chart,
// notes, bills of materials and checksums. All of it or nothing is there afterwards. Publishes nothing.

import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { checkoutDir } from '../checkout.js';
import { parseCopy, parseDockerfile } from '../image/dockerfile.js';
import { findHelm } from '../kubernetes/programs.js';
import { run } from '../programs.js';
import { packPackage } from './npm.js';
import { billOfMaterials } from './sbom.js';

const withinMs = 120_000;

export interface ReleaseParts {
  readonly version: string;
  readonly notes: string;
  /** Replaced when everything is made. */
  readonly into: string;
  readonly onProgress: (line: string) => void;
}

/** The names of what it made. Throws with nothing changed. */
export async function buildRelease(parts: ReleaseParts): Promise<readonly string[]> {
  const { version, notes, into, onProgress } = parts;
  const making = `${into}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  try {
    const place = {
      npm: join(making, 'npm'),
      image: join(making, 'image'),
      chart: join(making, 'chart'),
    };
    for (const directory of Object.values(place)) mkdirSync(directory);
    const packed = await packPackage(place.npm);
    onProgress(`package: ${megabytes(packed.sizeBytes)}, ${packed.files.length} files`);
    await archiveContext(join(place.image, `evenkeel-context-${version}.tar.gz`));
    onProgress('image: its context is what the Dockerfile copies, as it is committed');
    const helm = await findHelm(onProgress);
    const chart = join(checkoutDir, 'helm', 'evenkeel');
    await run(helm, ['package', chart, '--destination', place.chart], { timeoutMs: withinMs });
    onProgress('chart: packaged');
    for (const what of ['package', 'image'] as const) {
      const { text, components } = await billOfMaterials(what, join(making, `sbom-${what}`));
      writeFileSync(join(making, `sbom-${what}.cdx.json`), text);
      onProgress(`bill of materials of the ${what}: ${components} components`);
    }
    writeFileSync(join(making, 'notes.md'), `# Evenkeel ${version}\n\n${notes}\n`);
    writeFileSync(join(making, 'SHA256SUMS'), sumsOf(making));
    mkdirSync(dirname(into), { recursive: true });
    rmSync(into, { recursive: true, force: true });
    renameSync(making, into);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    throw error;
  }
  return filesBelow(into);
}

/** Whatever is built without the sources of this checkout needs these and the Dockerfile. */
export function contextOf(dockerfile: string): readonly string[] {
  const copies = parseDockerfile(dockerfile)
    .flatMap(({ instructions }) => instructions.filter(({ name }) => name === 'COPY'))
    .map(({ rest }) => parseCopy(rest))
    .filter(({ from }) => from === undefined);
  return [...new Set(['Dockerfile', ...copies.flatMap(({ sources }) => sources)])].sort();
}

async function archiveContext(output: string): Promise<void> {
  const paths = contextOf(readFileSync(join(checkoutDir, 'Dockerfile'), 'utf8'));
  const how = ['archive', '--format=tar.gz', `--output=${output}`, 'HEAD', '--', ...paths];
  await run('git', ['-C', checkoutDir, ...how], { timeoutMs: withinMs });
}

/** As `sha256sum --check` reads them. */
function sumsOf(directory: string): string {
  const lines = filesBelow(directory).map((name) => {
    const sum = createHash('sha256')
      .update(readFileSync(join(directory, name)))
      .digest('hex');
    return `${sum}  ${name}\n`;
  });
  return lines.join('');
}

/** Their paths, sorted. */
function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(directory, name)).isFile())
    .sort();
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

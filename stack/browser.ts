// Owns: a Chromium for pictures of web pages: from its environment variable, PATH, the cache, or the
// package that carries one, which is unpacked into the cache. Never opens a page.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { cachedOrBuilt } from './part-cache.js';
import { findOnPath, run } from './programs.js';

const variable = 'EVENKEEL_CHROMIUM';
const names = ['chromium', 'chromium-headless-shell', 'chromium-browser', 'google-chrome'];
/** A headless Chromium for Linux on x64, with the libraries that a small system lacks. */
const carrier = { name: '@sparticuz/chromium', version: '153.0.0' };
const fetchMs = 5 * 60_000;
const unpackMs = 60_000;

export interface Browser {
  readonly executable: string;
  /** What it needs besides the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
}

/** Throws a sentence when there is none and none can be had here. */
export async function findBrowser(onProgress: (line: string) => void): Promise<Browser> {
  const given = process.env[variable];
  if (given !== undefined && given !== '') {
    if (!existsSync(given)) throw new Error(`${variable} is ${given}, and there is no such file`);
    return { executable: given, env: {} };
  }
  for (const name of names) {
    const found = findOnPath(name);
    if (found !== undefined) return { executable: found, env: {} };
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`no Chromium on PATH: install one, or set ${variable} to its executable`);
  }
  const { directory } = await cachedOrBuilt(
    {
      key: `chromium-${carrier.version}`,
      title: `Chromium ${carrier.version}`,
      estimateS: 40,
      build: async (into) => {
        await unpackCarrier(into);
        return 'download';
      },
    },
    onProgress,
  );
  const libraries = [join(directory, 'lib'), process.env['LD_LIBRARY_PATH']];
  return {
    executable: join(directory, 'chromium'),
    env: { LD_LIBRARY_PATH: libraries.filter(Boolean).join(':') },
  };
}

async function unpackCarrier(into: string): Promise<void> {
  const { name, version } = carrier;
  const packed = join(into, 'packed');
  mkdirSync(packed);
  const pack = ['pack', `${name}@${version}`, '--silent', '--pack-destination', packed];
  const file = (await run('npm', pack, { cwd: packed, timeoutMs: fetchMs }))
    .trim()
    .split('\n')
    .at(-1);
  await untar(join(packed, file ?? ''), packed);
  const bin = join(packed, 'package', 'bin');
  const plain = (archive: string) => brotliDecompressSync(readFileSync(join(bin, `${archive}.br`)));
  writeFileSync(join(into, 'chromium'), plain('chromium'), { mode: 0o755 });
  for (const archive of ['al2023.tar', 'swiftshader.tar']) {
    writeFileSync(join(packed, archive), plain(archive));
    await untar(join(packed, archive), into);
  }
  rmSync(packed, { recursive: true });
}

async function untar(archive: string, into: string): Promise<void> {
  await run('tar', ['-xf', archive, '-C', into], { timeoutMs: unpackMs });
}

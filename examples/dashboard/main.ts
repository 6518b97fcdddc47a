// Owns: the command `npm run pictures:dashboard`: a run on a stack of its own, watched by Prometheus, and
// docs/pictures/dashboard.png of what the dashboard's queries returned. Neither asks nor draws itself.

import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, CommanderError } from 'commander';
import { findBrowser } from '../../stack/browser.js';
import { checkoutDir } from '../../stack/checkout.js';
import { startStack } from '../../stack/start.js';
import { openCamera } from '../pictures/camera.js';
import { watchedRun } from './demo.js';
import { pageHeightPx, pageOf, pageWidthPx } from './page.js';

const kibi = 1_024;

/** Resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'number') return options;
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const browser = await findBrowser(say);
  const stack = await startStack({ parts: ['kafka', 'mongo', 'temporal'], onProgress: say });
  const pages = mkdtempSync(join(tmpdir(), 'evenkeel-dashboard-'));
  try {
    const { panels } = await watchedRun(stack.env, say);
    for (const { expr, series } of panels.flatMap(({ answers }) => answers)) {
      say(`${expr} → ${series.length}`);
    }
    writeFileSync(join(pages, 'index.html'), pageOf(panels));
    const camera = await openCamera(browser, pathToFileURL(pages).href);
    try {
      mkdirSync(dirname(options.to), { recursive: true });
      const size = { widthPx: pageWidthPx, heightPx: pageHeightPx(panels) };
      await camera.take({ path: '/index.html', wanted: 'Partitions served', ...size }, options.to);
    } finally {
      await camera.close();
    }
    say(`${options.to}: ${Math.ceil(statSync(options.to).size / kibi)} KiB`);
    return 0;
  } finally {
    rmSync(pages, { recursive: true, force: true });
    await stack.stop();
  }
}

function readOptions(argv: readonly string[]): { to: string } | number {
  const command = new Command('pictures:dashboard')
    .description('make the picture of the dashboard in docs/pictures again; takes two minutes')
    .option('--to <file>', 'a PNG', join(checkoutDir, 'docs', 'pictures', 'dashboard.png'))
    .exitOverride();
  try {
    return command.parse(argv, { from: 'user' }).opts<{ to: string }>();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}

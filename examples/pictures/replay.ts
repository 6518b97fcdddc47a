// Owns: the pictures of the report of a replay, for docs/replay-lab.md: the recorded load of test/data/load
// against the policies of examples/replay, by the command that everybody types.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { main as evenkeel } from '../../src/cli/main.js';
import type { Browser } from '../../stack/browser.js';
import { checkoutDir } from '../../stack/checkout.js';
import { openCamera, type Camera } from './camera.js';
import type { Shot } from './views.js';

const report = 'report.html';

export const replayShots: readonly Shot[] = [
  {
    name: 'replay-load',
    view: { path: report, wanted: 'Replay of', widthPx: 780, heightPx: 930 },
  },
  {
    name: 'replay-frontier',
    view: { path: report, wanted: 'Frontier', isTop: true, widthPx: 780, heightPx: 1_010 },
  },
  {
    name: 'replay-dark',
    view: {
      path: report,
      wanted: 'Frontier',
      isTop: true,
      colorScheme: 'dark',
      widthPx: 360,
      heightPx: 780,
    },
  },
];

/** Takes all of them; the report is removed afterwards. */
export async function takeReplay(
  browser: Browser,
  take: (camera: Camera, shot: Shot) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-replay-'));
  const camera = await openCamera(browser, pathToFileURL(join(folder, '/')).href);
  try {
    const io = {
      out: () => undefined,
      err: (text: string) => void process.stderr.write(text),
      env: {},
    };
    const code = await evenkeel([...commandLine(), '--html', join(folder, report)], io);
    if (code !== 0) throw new Error(`the replay ended with ${code}`);
    for (const shot of replayShots) await take(camera, shot);
  } finally {
    await camera.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As docs/replay-lab.md has it. */
function commandLine(): readonly string[] {
  const replay = join(checkoutDir, 'examples', 'replay');
  return [
    'simulate',
    ...['--trace', join(checkoutDir, 'test', 'data', 'load', 'nyc_taxi.csv'), '--from', '1337'],
    ...['--policy', join(replay, 'ahead.yaml'), join(replay, 'thresholds.yaml')],
    ...['--lead', '29m', '--capacity', '1000', '--search', '--overload', '2000'],
  ];
}

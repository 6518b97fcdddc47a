// Owns: the command `npm run pictures`: makes every picture of docs/pictures again, from a replay, and from
// sagas that it runs for that on a Temporal server of its own. Knows neither the sagas nor the pages.

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { openStand } from '../../faults/stand.js';
import { findBrowser, type Browser } from '../../stack/browser.js';
import { checkoutDir } from '../../stack/checkout.js';
import { startStack } from '../../stack/start.js';
import { openCamera, type Camera } from './camera.js';
import { consoleNames, takeConsole } from './console.js';
import { replayShots, takeReplay } from './replay.js';
import { openStage } from './scenes.js';
import { demoScene, terminalSvg } from './terminal.js';
import { detailsOf, historyOf, listOf, scheduleOf, type Shot } from './views.js';

/** A page of documents shows several: none is larger. */
const pictureMaxBytes = 150 * 1024;
const kibi = 1_024;

const teaching = `
Pages of the Temporal UI for docs/reading-a-run.md: sagas that end well, are undone, cannot be undone,
move partitions, wait for a person; and the report of a replay (--only replay). On services in memory under a real Temporal server.
The console (--only console): a whole stack, while real clients move. Chromium: that
of EVENKEEL_CHROMIUM, or on PATH, or one that is fetched into the cache.
The README's picture is what the demo printed: npm run demo > demo.log, then --demo demo.log; no browser is needed.`;

/** Resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'number') return options;
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  if (options.demo !== undefined) return takeDemo(options.demo, options.to, say);
  const browser = await findBrowser(say);
  mkdirSync(options.to, { recursive: true });
  let tooLarge = 0;
  const take = async (camera: Camera, { name, view }: Shot) => {
    if (!name.includes(options.only)) return;
    const file = join(options.to, `${name}.png`);
    await camera.take(view, file);
    taken(file, statSync(file).size);
  };
  const taken = (file: string, size: number) => {
    if (size > pictureMaxBytes) tooLarge += 1;
    say(`${file}: ${Math.ceil(size / kibi)} KiB`);
  };
  if (replayShots.some(({ name }) => name.includes(options.only))) {
    await takeReplay(browser, (camera, shot) => take(camera, shot));
  }
  if (consoleNames.some((name) => name.includes(options.only))) {
    await takeConsole(browser, options.to, say, taken);
  }
  if (!/^(replay|console)/.test(options.only)) await takeSagas(browser, say, take);
  if (tooLarge > 0) say(`${tooLarge} pictures are larger than ${pictureMaxBytes / kibi} KiB`);
  return tooLarge === 0 ? 0 : 1;
}

/** The scene in which the service grows: the one picture that says what this is for. */
function takeDemo(log: string, to: string, say: (line: string) => void): number {
  mkdirSync(to, { recursive: true });
  const file = join(to, 'demo.svg');
  const scene = demoScene(readFileSync(log, 'utf8'), 'grow');
  writeFileSync(
    file,
    terminalSvg(scene, 'npm run demo: the service fills up, and a third instance comes'),
  );
  say(`${file}: ${Math.ceil(statSync(file).size / kibi)} KiB`);
  return 0;
}

type Take = (camera: Camera, shot: Shot) => Promise<void>;

async function takeSagas(browser: Browser, say: (line: string) => void, take: Take): Promise<void> {
  // Its own: other people's runs have no place in the pictures.
  delete process.env['TEMPORAL_ADDRESS'];
  const stack = await startStack({ parts: ['temporal'], onProgress: say });
  const stand = await openStand(stack.env['TEMPORAL_ADDRESS'] ?? '');
  const stage = openStage(stand);
  const camera = await openCamera(browser, stack.env['TEMPORAL_UI_URL'] ?? '');
  try {
    const undone = await stage.undone();
    await take(camera, detailsOf(undone.run, 'undone', 'record the outcome', 1_240));
    await take(camera, historyOf(undone.run, 'undone-history', 'holdWaves', 1_160));
    const failed = await stage.failedUndo();
    await take(camera, detailsOf(failed.run, 'failed-undo', 'record the outcome', 1_240));
    await take(camera, historyOf(failed.run, 'failed-undo-history', 'pauseSchedule', 1_160));
    await take(camera, scheduleOf(failed.service));
    const approval = await stage.approval();
    await take(camera, detailsOf(approval.run, 'approval', 'A person is asked', 1_020));
    const moving = await stage.handOver();
    await take(camera, detailsOf(moving.run, 'hand-over', 'nothing arrived for', 1_060));
    await take(camera, listOf());
    await moving.goOn();
    await take(camera, detailsOf(moving.run, 'success', 'record the outcome', 960));
    await take(camera, historyOf(moving.run, 'success-history', 'handOver', 1_160));
  } finally {
    await camera.close();
    await stage.close();
    await stand.close();
    await stack.stop();
  }
}

interface Options {
  readonly to: string;
  readonly only: string;
  readonly demo?: string;
}

function readOptions(argv: readonly string[]): Options | number {
  const command = new Command('pictures')
    .description('make the pictures of docs/pictures again')
    .option('--to <folder>', 'where they go', join(checkoutDir, 'docs', 'pictures'))
    .option('--only <text>', 'pictures whose name contains this', '')
    .option('--demo <file>', 'only the picture of the README, from what `npm run demo` printed')
    .addHelpText('after', teaching)
    .exitOverride();
  try {
    return command.parse(argv, { from: 'user' }).opts<Options>();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}

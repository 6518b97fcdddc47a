// Owns: the pictures of the console, for docs/console.md: before, while and after a service grows and its
// clients move, on a screen and on a phone, light and dark; on a stack of its own.

import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Browser } from '../../stack/browser.js';
import { startStack } from '../../stack/start.js';
import { openBrowser } from './camera.js';
import { openConsoleWorld, type ConsoleWorld } from './console-world.js';
import { withPalette } from './png.js';

interface Look {
  readonly name: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly colorScheme: 'light' | 'dark';
}

const sizes = [
  { suffix: '', widthPx: 1_400, heightPx: 1_180 },
  { suffix: '-phone', widthPx: 360, heightPx: 1_000 },
] as const;
const schemes = ['light', 'dark'] as const;
export type ConsoleState = 'before' | 'during' | 'after';

/** Every state on every screen in every scheme; documents show those of `consoleNames`. */
const looksOf = (state: ConsoleState): readonly Look[] =>
  sizes.flatMap(({ suffix, widthPx, heightPx }) =>
    schemes.map((colorScheme) => ({
      name: `console-${state}${suffix}${colorScheme === 'dark' ? '-dark' : ''}`,
      ...{ widthPx, heightPx, colorScheme },
    })),
  );

/** What docs/pictures keeps: every state, size and scheme once or twice; the rest looks the same. */
export const consoleNames: readonly string[] = [
  ...['console-before', 'console-before-phone-dark', 'console-during', 'console-during-dark'],
  ...['console-during-phone', 'console-during-phone-dark', 'console-after-dark'],
  'console-after-phone',
];

/** Two a second: the hand-over of some forty clients lasts as long as four pictures. */
const paced = { clientsPerWave: 1, acceptPerSecond: 2, partitionsPerWave: 3 };
const pageWithinMs = 120_000;
/** The share of the clients that have arrived in the pictures of the hand-over. */
const arrived = /: 1\d of about/;
/** Figures that counted on, and the chart with its colours. */
const settleMs = 700;
/** Decisions and load that are worth a picture. */
const quietMs = 20_000;

/** Writes the pictures of a state, in all sizes and schemes that are wanted; leaves a light screen behind. */
export async function takeLooks(
  page: Page,
  state: ConsoleState,
  folder: string,
  isWanted: (name: string) => boolean = () => true,
): Promise<readonly string[]> {
  const files: string[] = [];
  for (const { name, widthPx, heightPx, colorScheme } of looksOf(state)) {
    if (!isWanted(name)) continue;
    await page.setViewportSize({ width: widthPx, height: heightPx });
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(settleMs);
    const file = join(folder, `${name}.png`);
    writeFileSync(file, withPalette(await page.screenshot({ animations: 'disabled' })));
    files.push(file);
  }
  const [{ widthPx, heightPx }] = sizes;
  await page.setViewportSize({ width: widthPx, height: heightPx });
  await page.emulateMedia({ colorScheme: 'light' });
  return files;
}

/** `done` is told each file with its size. */
export async function takeConsole(
  browser: Browser,
  folder: string,
  say: (line: string) => void,
  done: (file: string, bytes: number) => void,
): Promise<void> {
  // Its own: other people's services have no place in the pictures.
  for (const name of ['TEMPORAL_ADDRESS', 'KAFKA_BROKERS', 'MONGODB_URI']) delete process.env[name];
  const stack = await startStack({ parts: ['temporal', 'kafka', 'mongo'], onProgress: say });
  let world: ConsoleWorld | undefined;
  const { context, close } = await openBrowser(browser);
  const take = async (page: Page, state: ConsoleState) => {
    const isKept = (name: string) => consoleNames.includes(name);
    for (const file of await takeLooks(page, state, folder, isKept)) {
      done(file, statSync(file).size);
    }
  };
  try {
    world = await openConsoleWorld(stack.env, { service: 'messaging', paced });
    const page = await context.newPage();
    page.setDefaultTimeout(pageWithinMs);
    await page.goto(world.url);
    await page.getByLabel('Your name').fill('ada');
    await page.getByLabel('Token').fill(world.token);
    await page.getByRole('button', { name: 'Log in' }).click();
    const calm = page.getByRole('heading', { name: 'Nobody moves' });
    await calm.waitFor();
    await page.waitForTimeout(quietMs);
    await take(page, 'before');
    await page.getByRole('button', { name: 'Rebalance…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Instances afterwards').fill('3');
    await dialog.getByLabel('Reason').fill('before the match');
    await dialog.getByRole('button', { name: 'Rebalance' }).click();
    await page.getByRole('heading', { name: arrived }).waitFor();
    await take(page, 'during');
    await calm.waitFor();
    await page.waitForTimeout(quietMs);
    await take(page, 'after');
  } finally {
    await close();
    await world?.close();
    await stack.stop();
  }
}

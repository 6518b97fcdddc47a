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

const screen = { widthPx: 1_400, heightPx: 1_180 };
const phone = { widthPx: 360, heightPx: 1_000 };
const looks = {
  before: [
    { name: 'console-before', ...screen, colorScheme: 'light' },
    { name: 'console-before-phone', ...phone, colorScheme: 'dark' },
  ],
  during: [
    { name: 'console-during', ...screen, colorScheme: 'light' },
    { name: 'console-during-dark', ...screen, colorScheme: 'dark' },
    { name: 'console-during-phone', ...phone, colorScheme: 'light' },
    { name: 'console-during-phone-dark', ...phone, colorScheme: 'dark' },
  ],
  after: [
    { name: 'console-after', ...screen, colorScheme: 'dark' },
    { name: 'console-after-phone', ...phone, colorScheme: 'light' },
  ],
} as const satisfies Readonly<Record<string, readonly Look[]>>;

export const consoleNames = Object.values(looks).flatMap((all) => all.map(({ name }) => name));

/** Two a second: the hand-over of some forty clients lasts as long as four pictures. */
const paced = { clientsPerWave: 1, acceptPerSecond: 2, partitionsPerWave: 3 };
const pageWithinMs = 120_000;
/** The share of the clients that have arrived in the pictures of the hand-over. */
const arrived = /: 1\d of about/;
/** Figures that counted on, and the chart with its colours. */
const settleMs = 700;
/** Decisions and load that are worth a picture. */
const quietMs = 20_000;

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
  const take = async (page: Page, wanted: readonly Look[]) => {
    for (const { name, widthPx, heightPx, colorScheme } of wanted) {
      await page.setViewportSize({ width: widthPx, height: heightPx });
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(settleMs);
      const file = join(folder, `${name}.png`);
      writeFileSync(file, withPalette(await page.screenshot({ animations: 'disabled' })));
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
    await take(page, looks.before);
    await page.setViewportSize({ width: screen.widthPx, height: screen.heightPx });
    await page.getByRole('button', { name: 'Rebalance…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Instances afterwards').fill('3');
    await dialog.getByLabel('Reason').fill('before the match');
    await dialog.getByRole('button', { name: 'Rebalance' }).click();
    await page.getByRole('heading', { name: arrived }).waitFor();
    await take(page, looks.during);
    await calm.waitFor();
    await page.waitForTimeout(quietMs);
    await take(page, looks.after);
  } finally {
    await close();
    await world?.close();
    await stack.stop();
  }
}

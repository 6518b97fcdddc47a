// Owns: a browser before the Temporal UI: opens a page, waits for what must be on it, and takes a small
// picture. Never decides what is worth one.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import type { Browser as Program } from '../../stack/browser.js';
import { withPalette } from './png.js';

/** Two columns of the UI side by side, as on a laptop. */
const widthPx = 1_400;
const heightPx = 900;
/** A page of the UI on a busy machine. */
const pageWithinMs = 90_000;
/** Spinners and transitions are over by then. */
const settleMs = 1_500;

export interface View {
  /** Below the UI's address. */
  readonly path: string;
  /** Text that shows that the page is complete; the UI shows Markdown in a frame of its own. */
  readonly wanted: string;
  readonly inFrame?: true;
  /** What the UI keeps in the browser, by its key. */
  readonly kept?: Readonly<Record<string, unknown>>;
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly colorScheme?: 'dark';
  /** Whether the wanted text stands at the top of the picture. */
  readonly isTop?: true;
}

export interface Camera {
  /** Writes a PNG. Throws when what is wanted does not appear. */
  take(view: View, file: string): Promise<void>;
  close(): Promise<void>;
}

export interface OpenBrowser {
  readonly context: BrowserContext;
  readonly close: () => Promise<void>;
}

/** A browser with a profile of its own, in UTC and English wherever it runs. */
export async function openBrowser(program: Program): Promise<OpenBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'evenkeel-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: program.executable,
    env: { ...definedIn(process.env), ...program.env },
    args: [
      '--no-sandbox', // Root in a container has no other way; only our own pages are opened.
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
    timezoneId: 'UTC',
    locale: 'en-US',
    viewport: { width: widthPx, height: heightPx },
  });
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

export async function openCamera(program: Program, uiUrl: string): Promise<Camera> {
  const { context, close } = await openBrowser(program);
  return {
    close,
    async take(view, file) {
      const page = await context.newPage();
      page.setDefaultTimeout(pageWithinMs);
      try {
        await open(page, uiUrl, view);
        const png = await page.screenshot({ animations: 'disabled', timeout: pageWithinMs });
        writeFileSync(file, withPalette(png));
      } finally {
        await page.close();
      }
    },
  };
}

async function open(page: Page, uiUrl: string, view: View): Promise<void> {
  const { path, wanted, kept = {} } = view;
  const size = { width: view.widthPx ?? widthPx, height: view.heightPx ?? heightPx };
  await page.setViewportSize(size);
  if (view.colorScheme !== undefined) await page.emulateMedia({ colorScheme: view.colorScheme });
  const texts = Object.entries(kept).map(([key, value]) => [key, JSON.stringify(value)]);
  await page.addInitScript(
    `for (const [k, v] of ${JSON.stringify(texts)}) localStorage.setItem(k, v)`,
  );
  await page.goto(`${uiUrl}${path}`, { waitUntil: 'domcontentloaded', timeout: pageWithinMs });
  // The summary stands in a frame as well; the details come last.
  const where = view.inFrame === true ? page.frameLocator('iframe').last() : page;
  const found = where.getByText(wanted, { exact: false }).first();
  await found.waitFor();
  if (view.isTop === true) {
    // Runs in the page, whose types are not known here.
    await found.evaluate((element: unknown) =>
      (element as { scrollIntoView(): void }).scrollIntoView(),
    );
  }
  await page.waitForTimeout(settleMs);
}

function definedIn(env: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(env).filter((entry): entry is [string, string] => !!entry[1]);
  return Object.fromEntries(entries);
}

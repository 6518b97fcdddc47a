// Owns: the console's page in a real browser: logging in, asking for things as a person does, and what axe
// says of it in every scheme and width. Never knows what is behind it.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);
const widthsPx = [1_400, 360];
const schemes = ['light', 'dark'] as const;

/** Fails with what is wrong and where; also where something does not fit the width. */
export async function expectAccessible(page: Page, state: string): Promise<void> {
  const found: string[] = [];
  for (const width of widthsPx) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(axeSource);
      const violations = await page.evaluate<string[]>(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ target, failureSummary }) => target + " " + failureSummary).join("; ")))',
      );
      found.push(...violations.map((text) => `${state}, ${width} px, ${colorScheme}: ${text}`));
    }
    const wide = await page.evaluate('document.documentElement.scrollWidth');
    if (Number(wide) > width)
      found.push(`${state}, ${width} px: the page is ${String(wide)} px wide`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1_400, height: 900 });
  expect(found).toEqual([]);
}

export async function logIn(page: Page, by: string, token: string): Promise<void> {
  await page.getByLabel('Your name').fill(by);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('button', { name: 'Log out' }).waitFor();
}

/** Presses a button, answers its question, and waits until the question is gone. */
export async function ask(
  page: Page,
  button: string,
  said: { readonly reason: string; readonly instances?: number },
): Promise<void> {
  await page.getByRole('button', { name: button }).click();
  const dialog = page.getByRole('dialog');
  if (said.instances !== undefined)
    await dialog.getByLabel('Instances afterwards').fill(String(said.instances));
  await dialog.getByLabel('Reason').fill(said.reason);
  await dialog.getByRole('button', { name: button.replace('…', '') }).click();
  await dialog.waitFor({ state: 'detached' });
}

/** The bar shows pieces in flight. */
export const moving = (page: Page): Promise<void> =>
  page.locator('.bar svg:not([data-moving="0"])').waitFor();

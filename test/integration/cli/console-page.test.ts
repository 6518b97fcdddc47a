// The console's page in a real Chromium before a service that is made up: keyboard, screen readers, odd languages,
// large text, no motion, and what the chart draws of forecasts, wrong ones included.
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBrowser, type OpenBrowser } from '../../../examples/pictures/camera.js';
import { findBrowser } from '../../../stack/browser.js';
import {
  foreseen,
  openPageWorld,
  quiet,
  running,
  type PageWorld,
} from '../../console/page-world.js';
import { expectAccessible, logIn } from '../../support/console-page.js';
import { eventually } from '../../support/eventually.js';

let browser: OpenBrowser;
let context: BrowserContext;
let world: PageWorld;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser(await findBrowser((line) => void process.stderr.write(`${line}\n`)));
  ({ context } = browser);
  world = await openPageWorld();
  page = await context.newPage();
  context.setDefaultTimeout(60_000);
  await page.goto(world.url);
  await logIn(page, 'ada', world.token);
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});
beforeEach(() => {
  world.show({});
  world.answer(() => ({ ok: true, text: 'done' }));
});

const heading = (name: string | RegExp) => page.getByRole('heading', { name }).waitFor();
const calm = () => heading('Nobody moves');
/** What has the focus, as a person hears it. */
const focused = (on: Page) =>
  on.evaluate<string>(
    `(() => { const { activeElement: at } = document;
      return at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent; })()`,
  );
const hasFocus = (name: string, on = page) =>
  eventually(`${name} has the focus`, async () => (await focused(on)) === name);

describe('with the keyboard', () => {
  it('the order is that of the page, and whoever has logged in begins at its top', async () => {
    const other = await context.newPage();
    await context.clearCookies();
    await other.goto(world.url);
    await hasFocus('Your name', other);
    await logIn(other, 'ada', world.token);
    // Its buttons come with the first figures.
    await other.getByRole('heading', { name: 'Nobody moves' }).waitFor();
    const names: string[] = [];
    for (let i = 0; i < 6; i += 1) {
      await other.keyboard.press('Tab');
      names.push(
        await other.evaluate<string>(
          'document.activeElement.textContent || document.activeElement.id',
        ),
      );
    }
    expect(names.slice(0, 5)).toEqual([
      'chat',
      'Log out',
      'Rebalance…',
      'Pause evaluations',
      'find-user',
    ]);
    await eventually('a title', async () => (await other.title()) === 'chat: Nobody moves');
    await other.close();
    await page.reload();
  });

  it('the focus goes back to the button when its question is cancelled, and when it is answered', async () => {
    await calm();
    const pause = page.getByRole('button', { name: 'Pause' });
    for (const end of ['Escape', 'Cancel', 'Pause evaluations']) {
      await pause.focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Pause evaluations?' });
      await dialog.waitFor();
      await eventually('the question has the focus', () =>
        page.evaluate<boolean>('document.querySelector("dialog").contains(document.activeElement)'),
      );
      if (end === 'Escape') await page.keyboard.press('Escape');
      else await dialog.getByRole('button', { name: end }).press('Enter');
      await dialog.waitFor({ state: 'detached' });
      await hasFocus('Pause evaluations');
    }
    await page.getByText('done', { exact: true }).waitFor();
  });

  it('the focus stays with the actions when the button is gone that had it', async () => {
    world.show({ run: running });
    const abort = page.getByRole('button', { name: 'Abort' });
    await abort.focus();
    await abort.press('Enter');
    world.answer(() => {
      world.show({});
      return { ok: true, text: 'aborting' };
    });
    await page.getByRole('dialog').getByRole('button', { name: 'Abort' }).press('Enter');
    await abort.waitFor({ state: 'detached' });
    await hasFocus('Actions');
    await page.keyboard.press('Tab');
    await hasFocus('Rebalance…');
  });

  it('a refusal keeps the question and what was typed', async () => {
    await calm();
    world.answer(() => ({ ok: false, text: 'no worker answers' }));
    await page.getByRole('button', { name: 'Rebalance…' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await expect.poll(() => dialog.getByText('the same line').count()).toBe(2);
    await dialog.getByLabel('Reason').fill('the match');
    await dialog.getByLabel('Reason').press('Enter');
    await dialog.getByRole('alert').filter({ hasText: 'no worker answers' }).waitFor();
    expect(await dialog.getByLabel('Reason').inputValue()).toBe('the match');
    await page.keyboard.press('Escape');
  });
});

describe('for a screen reader', () => {
  it('every button, link and field has a name of its own', async () => {
    world.show({ run: { ...running, approvalUntilMs: Date.now() + 60_000 } });
    await heading(/a person is asked/);
    const names = await page.evaluate<string[]>(
      `[...document.querySelectorAll('button, a, input')].map((one) => one.labels?.[0]?.textContent ?? one.textContent)`,
    );
    expect(names.filter((name) => name.trim() === '')).toEqual([]);
    expect(names).toEqual([...new Set(names)]);
  });

  it('is told by itself of phases and quarters, seldom, while figures change with every look', async () => {
    world.show({ run: running });
    await heading(/Grow 2 → 3/);
    await page.evaluate(
      `(() => { window.said = 0; window.seen = 0;
        const live = '[role=status], [role=alert], [aria-live=polite], [aria-live=assertive], output';
        const isLive = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest(live);
        new MutationObserver((all) => { for (const { target, addedNodes } of all) {
          window.seen += 1;
          if (isLive(target) || [...addedNodes].some(isLive)) window.said += 1; } })
          .observe(document.body, { subtree: true, childList: true, characterData: true }); })()`,
    );
    for (let done = 11; done < 17; done += 1) {
      const progress = { ...running.progress!, done, arrived: done };
      const troubles = [`nothing arrived for ${done}.0 s: chat-0 holds 7`];
      world.show({ run: { ...running, progress, troubles } });
      await heading(new RegExp(`: ${done} of about`));
    }
    const [said, seen] = await page.evaluate<[number, number]>('[window.said, window.seen]');
    expect(seen).toBeGreaterThan(20);
    // That something keeps it, once.
    expect(said).toBeGreaterThan(0);
    expect(said).toBeLessThanOrEqual(2);
  });

  it('finds no fault in any width and scheme, while clients move and while something keeps them', async () => {
    world.show({ run: { ...running, troubles: ['Kafka does not answer'] } }, foreseen(Date.now()));
    await heading(/Grow 2 → 3/);
    await expectAccessible(page, 'moving');
  });
});

describe('while a store does not answer', () => {
  const main = () => page.locator('main').innerText();

  it('Temporal: nothing is said of rebalances and Schedules', async () => {
    world.show({ isRunKnown: false, schedule: null, away: ['Temporal does not answer'] });
    await heading('Whether anybody moves is not known');
    await page.getByText('Not known: Temporal does not answer.').waitFor();
    expect(await main()).not.toMatch(/There was none yet|There is no Schedule|Nobody moves/);
  });

  it('ConfigDB: no figure is made up', async () => {
    const none = { partitions: 0, revision: null, clients: 0, segments: [], instances: [] };
    world.show({ isStoredKnown: false, ...none, away: ['ConfigDB does not answer'] });
    await page.getByText('revision, clients and partitions are not known just now').waitFor();
    expect(await main()).not.toMatch(/\b0 (clients|partitions)|No evaluation|None is recorded/);
    world.show({});
    await page.locator('.bar svg').waitFor();
  });
});

describe('for eyes', () => {
  it('large text and a narrow page have no second scroll bar', async () => {
    world.show({ run: running }, foreseen(Date.now()));
    await heading(/Grow 2 → 3/);
    /** The chart takes its width a moment later. */
    const expectItFits = () =>
      eventually('nothing stands out', () =>
        page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'),
      );
    await page.setViewportSize({ width: 320, height: 800 });
    await expectItFits();
    // 1 400 px at 200 %.
    await page.setViewportSize({ width: 700, height: 500 });
    await expectItFits();
    const textPx = () =>
      page.evaluate<number>(
        `parseFloat(getComputedStyle(document.querySelector('.next')).fontSize)`,
      );
    const before = await textPx();
    await page.evaluate(`document.documentElement.style.fontSize = '200%'`);
    await page.setViewportSize({ width: 720, height: 900 });
    expect(await textPx()).toBeCloseTo(2 * before, 0);
    await expectItFits();
    await page.evaluate(`document.documentElement.style.fontSize = ''`);
    await page.setViewportSize({ width: 1_400, height: 900 });
  });

  it('that like it quiet nothing moves', async () => {
    world.show({
      run: running,
      segments: [
        [0, 179, 'chat-0', 'chat-1'],
        [180, 359, 'chat-1', 'chat-1'],
      ],
    });
    await page.locator('.bar svg[data-moving="1"]').waitFor();
    const motions = () => page.evaluate<number>('document.getAnimations().length');
    expect(await motions()).toBeGreaterThan(0);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await motions()).toBe(0);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
  });
});

describe('the chart', () => {
  /** Pixels of the forecast's band between the axes. */
  const bandPixels = () =>
    page.evaluate<number>(
      `(() => { const canvas = document.querySelector('.chart canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let n = 0;
        for (let i = 0; i < data.length; i += 4)
          if (data[i + 3] > 30 && data[i + 3] < 60 && data[i] > data[i + 1] + 30) n += 1;
        return n; })()`,
    );
  const shown = async (change: (past: ReturnType<typeof foreseen>) => object) => {
    const past = foreseen(Date.now());
    world.show(
      { ...quiet, revision: Math.floor(Math.random() * 1e6) },
      { ...past, ...change(past) },
    );
    await calm();
  };

  it('draws the band of real forecasts, upside down or not, and none where there is none', async () => {
    await shown(() => ({}));
    await eventually('a band', async () => (await bandPixels()) > 500);
    const upright = await bandPixels();
    await shown(({ load }) => ({ load: { ...load, foreseen: load.foreseen.map(() => null) } }));
    await eventually('no band', async () => (await bandPixels()) < 20);
    await shown(({ load }) => ({ load: { ...load, low: load.high, high: load.low } }));
    await eventually('the same band', async () => (await bandPixels()) > 0.9 * upright);
    await shown(({ load }) => ({ load: { ...load, low: load.foreseen, high: load.foreseen } }));
    await eventually('a band of no width', async () => (await bandPixels()) < 0.1 * upright);
  });

  it.each([
    ['ar-EG', 'ar-EG'],
    ['de-DE', 'de-DE'],
    ['one that is none', 'en-US@posix'],
    ['nothing', ''],
  ])('has times in UTC and the same numbers where the language is %s', async (_, language) => {
    world.show({ clients: 12_345 }, foreseen(Date.now()));
    const odd = await context.newPage();
    const complaints: string[] = [];
    odd.on('pageerror', (error) => complaints.push(error.message));
    await odd.addInitScript(
      `Object.defineProperty(Navigator.prototype, 'language', { get: () => ${JSON.stringify(language)}, configurable: true });
       const draw = CanvasRenderingContext2D.prototype.fillText;
       window.drawn = [];
       CanvasRenderingContext2D.prototype.fillText = function (text, ...at) { window.drawn.push(text); return draw.call(this, text, ...at); };`,
    );
    await odd.goto(world.url);
    await odd.getByText('12,345 clients').first().waitFor();
    await eventually(
      'an axis',
      async () => (await odd.evaluate<string[]>('window.drawn')).length > 4,
    );
    const drawn = await odd.evaluate<string[]>('window.drawn');
    const times = drawn.filter((text) => text.includes(':'));
    const numbers = drawn.filter((text) => !text.includes(':'));
    expect(times.length).toBeGreaterThan(0);
    expect(times.filter((text) => !/^\d\d:\d\d:\d\d$/.test(text))).toEqual([]);
    expect(numbers.filter((text) => !/^[\d,.]+$/.test(text))).toEqual([]);
    expect(complaints).toEqual([]);
    await odd.close();
  });
});

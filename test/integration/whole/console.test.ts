// The console in a real Chromium, before a real service whose clients move: what is seen, asked for and
// recorded, by mouse and by keyboard, on a screen and a phone, light and dark; and when its server is lost.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openBrowser, type OpenBrowser } from '../../../examples/pictures/camera.js';
import { takeLooks, type ConsoleState } from '../../../examples/pictures/console.js';
import { openConsoleWorld, type ConsoleWorld } from '../../../examples/pictures/console-world.js';
import { requestRebalance } from '../../../src/cli/temporal.js';
import { rebalanceSeen } from '../../../src/cli/rebalance-record.js';
import { findBrowser } from '../../../stack/browser.js';
import { checkoutDir } from '../../../stack/checkout.js';
import { ask, expectAccessible, logIn, moving } from '../../support/console-page.js';
import { eventually } from '../../support/eventually.js';

const service = `console-${randomBytes(3).toString('hex')}`;
/** One a second: a hand-over of some forty clients can be watched, also on a slow machine. */
const paced = { clientsPerWave: 1, acceptPerSecond: 1, partitionsPerWave: 3 };
const hostile = '<img src=x onerror=alert(1)> before the match';
const runWithinMs = 120_000;
/** The page is loaded on slow lines, too. */
const scriptMaxBytes = 45_000;

let world: ConsoleWorld;
let browser: OpenBrowser;
let page: Page;
const asked = new Set<string>();
const complaints: string[] = [];

beforeAll(async () => {
  browser = await openBrowser(await findBrowser((line) => void process.stderr.write(`${line}\n`)));
  world = await openConsoleWorld(inject('stack'), { service, paced });
  page = await browser.context.newPage();
  page.setDefaultTimeout(runWithinMs);
  page.on('request', (request) => asked.add(new URL(request.url()).origin));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|TrustedHTML/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(`${world.url}/?service=${service}`);
});
afterAll(async () => {
  await browser.close();
  await world.close();
});

/** The newest record that has an outcome. */
const recorded = (what: string, requestReason: string) =>
  eventually(
    what,
    async () => {
      const records = await world.cluster.configDb.rebalances(service, 10);
      return records
        .map(rebalanceSeen)
        .find(({ outcome, request }) => outcome !== null && request?.reason === requestReason);
    },
    runWithinMs,
  );
/** As the Schedule asks: whoever asks in person has approved already. */
const askedByThreshold = (reason: string) =>
  requestRebalance(
    world.cluster.temporal,
    service,
    { requestId: reason, reason, source: 'threshold', instances: 2 },
    world.cluster.taskQueue,
  );
/** Kept for whoever wants to look at them, outside of the checkout. */
const pictures = mkdtempSync(join(tmpdir(), 'evenkeel-console-'));
/** Before, during and after; wide and narrow; light and dark: each is another picture. */
const picture = async (state: ConsoleState) => {
  const files = await takeLooks(page, state, pictures);
  expect(new Set(files.map((file) => readFileSync(file, 'base64'))).size).toBe(4);
};
const calm = () => page.getByRole('heading', { name: 'Nobody moves' }).waitFor();

describe('the console', () => {
  it('lets nobody in without the token, and keeps it out of addresses and pages', async () => {
    await page.getByLabel('Your name').fill('ada');
    await page.getByLabel('Token').fill('guessed-by-somebody');
    await page.keyboard.press('Enter');
    await page.getByText('This is not the token of this console.').waitFor();
    await expectAccessible(page, 'log in');
    // By keyboard alone: the first field, the second, Enter.
    await page.getByLabel('Your name').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.type(world.token);
    await page.keyboard.press('Enter');
    await calm();
    expect(page.url()).toBe(`${world.url}/?service=${service}`);
    expect(await page.content()).not.toContain(world.token);
    const kept = await page.evaluate('document.cookie + JSON.stringify(localStorage)');
    expect(kept).toBe('{}');
  });

  it('shows who holds what, and where one person is', async () => {
    await page
      .getByRole('img', { name: /360 partitions: .*-0 holds 180, .*-1 holds 180; none in flight/ })
      .waitFor();
    await page
      .getByText('60 clients')
      .or(page.getByText(/\d+ clients$/))
      .first()
      .waitFor();
    await page.getByLabel('Where is the user').fill('alice');
    await page.getByText(/partition \d+, on/).waitFor();
    await expectAccessible(page, 'calm');
    await picture('before');
  });

  it('asks for a grow by keyboard, and shows who moves where while they do', async () => {
    await page.getByRole('button', { name: 'Rebalance…' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await expectAccessible(page, 'question');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Rebalance…' }).press('Enter');
    // Its first field has the focus.
    await page.keyboard.type('3');
    expect(await page.getByLabel('Instances afterwards').inputValue()).toBe('3');
    // What it costs is said before it is asked for, by the planner that the saga asks.
    await page.getByText(/grow: 2 → 3 instances own partitions.*with 120 partitions/).waitFor();
    await page.getByText(/-0 → .*-2: 60 partitions, \d+ clients/).waitFor();
    await expectAccessible(page, 'cost');
    await page.keyboard.press('Tab');
    await page.keyboard.type(hostile);
    await page.keyboard.press('Enter');
    await moving(page);
    await page
      .getByRole('heading', { name: /Grow 2 → 3.* of about \d+ clients arrived/ })
      .waitFor();
    await page
      .getByRole('list', { name: 'In flight' })
      .getByText(/clients? in \d+ partitions?/)
      .first()
      .waitFor();
    await page.getByText('hand over in waves').waitFor();
    await picture('during');
    await page.getByText('hand over in waves').waitFor();
    await expectAccessible(page, 'moving');
    await calm();
    await page.getByRole('img', { name: /-2 holds 120; none in flight/ }).waitFor();
  });

  it('records the person, shows what is hostile as text, and how long each was gone', async () => {
    const { request, outcome, gapMs } = await recorded('the grow is recorded', hostile);
    expect([request?.by, request?.source, outcome]).toEqual(['ada', 'operator', 'completed']);
    await page.getByText(hostile).first().waitFor();
    expect(await page.locator('img').count()).toBe(0);
    await page.getByText(`${gapMs?.n} gaps measured by clients`).waitFor();
    await expectAccessible(page, 'after');
    await picture('after');
  });

  it('aborts what runs, by the name of whoever says so', async () => {
    await page.getByRole('button', { name: 'Log out' }).click();
    await logIn(page, 'bob', world.token);
    await ask(page, 'Rebalance…', { reason: 'a mistake', instances: 2 });
    await moving(page);
    await ask(page, 'Abort', { reason: 'it was a mistake' });
    const { request, outcome, text } = await recorded('the abort is recorded', 'a mistake');
    expect([request?.by, outcome]).toEqual(['bob', 'aborted']);
    expect(text).toContain('bob');
    await calm();
    await page.getByText('aborted').first().waitFor();
  });

  it('asks a person about a plan, and takes no for an answer, and yes', async () => {
    const pace = { ...paced, acceptPerSecond: 10 };
    await world.apply({ approval: 'always', pace });
    await askedByThreshold('asked once');
    await page.getByRole('heading', { name: /a person is asked/ }).waitFor();
    await expectAccessible(page, 'asked');
    await ask(page, 'Reject', { reason: 'not now' });
    const rejected = await recorded('the rejection is recorded', 'asked once');
    expect([rejected.outcome, rejected.text]).toEqual(['rejected', expect.stringContaining('bob')]);
    // The page may still show the plan that was refused, and what is said of that one is refused.
    await page.getByRole('heading', { name: /a person is asked/ }).waitFor({ state: 'detached' });
    await askedByThreshold('asked again');
    await page.getByRole('heading', { name: /a person is asked/ }).waitFor();
    await ask(page, 'Approve', { reason: 'seen' });
    const approved = await recorded('the approved plan is recorded', 'asked again');
    expect(approved.outcome).toBe('completed');
  });

  it('pauses and resumes with the name in the note, and says a refusal as the command line does', async () => {
    const state = async () =>
      (await world.cluster.temporal.schedule.getHandle(`evenkeel/${service}`).describe()).state;
    await ask(page, 'Pause', { reason: 'the match' });
    expect(await state()).toMatchObject({ paused: true, note: 'paused by bob: the match' });
    await page.getByText('The Schedule is paused: paused by bob: the match.').waitFor();
    await ask(page, 'Resume', { reason: '' });
    expect(await state()).toMatchObject({ paused: false, note: 'resumed by bob' });
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await world.cluster.temporal.schedule.getHandle(`evenkeel/${service}`).delete();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('dialog').getByText(`there is no Schedule for ${service}`).waitFor();
    await page.keyboard.press('Escape');
  });

  it('says that its server is lost and how old the figures are, and comes back by itself', async () => {
    const startAgain = await world.loseConsole();
    const alert = page.getByRole('alert').filter({
      hasText:
        /does not answer, the figures are \d+ s old|does not answer, the figures are [\d.]+ s old/,
    });
    await alert.waitFor();
    expect(await page.getByRole('button', { name: 'Rebalance…' }).isDisabled()).toBe(true);
    await expectAccessible(page, 'lost');
    await startAgain();
    // A new process knows no logins.
    await page.getByText('Your login has ended.').waitFor();
    await logIn(page, 'ada', world.token);
    await calm();
    await eventually('nothing alarms', async () => (await page.getByRole('alert').count()) === 0);
  });

  it('spoke to its own server alone, within what its policy allows', () => {
    expect([...asked]).toEqual([world.url]);
    expect(complaints).toEqual([]);
  });

  it('is small', () => {
    const assets = join(checkoutDir, 'dist', 'console-page', 'assets');
    const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
    const bytes = scripts.map((name) => gzipSync(readFileSync(join(assets, name))).length);
    expect(bytes.length).toBeGreaterThan(0);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(scriptMaxBytes);
  });
});

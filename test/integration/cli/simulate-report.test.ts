// The HTML report in a real Chromium: on a screen, at night, on a telephone and on paper.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.js';
import { findBrowser } from '../../../stack/browser.js';

/** Of the trace: two months, of which the first is learnt from. */
const rows = 2_700;

let folder = '';
let url = '';
let browser: Browser | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evenkeel-report-'));
  const file = join(folder, 'report.html');
  const io = { out: () => undefined, err: () => undefined, env: {} };
  const policies = ['ahead', 'thresholds'].map((name) =>
    join('examples', 'replay', `${name}.yaml`),
  );
  const whole = await readFile(join('test', 'data', 'load', 'nyc_taxi.csv'), 'utf8');
  const load = join(folder, 'load.csv');
  await writeFile(
    load,
    whole
      .split('\n')
      .slice(0, 1 + rows)
      .join('\n'),
  );
  const trace = ['--trace', load, '--from', '1337'];
  const setting = ['--lead', '29m', '--capacity', '1000', '--every', 'row', '--search'];
  const argv = ['simulate', ...trace, '--policy', ...policies, ...setting, '--html', file];
  expect(await main(argv, io)).toBe(0);
  url = pathToFileURL(file).href;
  const { executable, env } = await findBrowser(() => undefined);
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter((one): one is [string, string] => one[1] !== undefined),
  );
  browser = await chromium.launch({
    executablePath: executable,
    env: { ...inherited, ...env },
    args: ['--no-sandbox', '--disable-gpu'],
  });
  // It searches: a quarter of a minute of processor time.
}, 600_000);
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Look {
  readonly width: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly media?: 'print';
}

async function look({ width, colorScheme = 'light', media }: Look): Promise<Page> {
  const page = await browser!.newPage({ viewport: { width, height: 800 }, colorScheme });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('request', (request) => request.url() !== url && complaints.push(request.url()));
  if (media !== undefined) await page.emulateMedia({ media });
  await page.goto(url);
  expect(complaints).toEqual([]);
  return page;
}

/** In the page: what sticks out, what is seen twice or not at all, and how bright ink and paper are. */
const seen = `(() => {
  const shown = (element) => element.getBoundingClientRect().width > 0;
  const bright = (color) => (color.match(/[\\d.]+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
  const svgs = [...document.querySelectorAll('figure svg')].filter(shown);
  const cut = svgs.flatMap((svg) => {
    const box = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text, path')].filter((mark) => {
      const own = mark.getBoundingClientRect();
      return own.left < box.left - 3 || own.right > box.right + 3 || own.top < box.top - 3 || own.bottom > box.bottom + 3;
    }).map((mark) => mark.textContent || mark.getAttribute('class'));
  });
  const text = [...document.querySelectorAll('figure text')].filter(shown).map((mark) => mark.getBoundingClientRect().height);
  const style = getComputedStyle(document.body);
  return {
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    figures: document.querySelectorAll('figure').length,
    charts: svgs.length,
    cut,
    smallestText: Math.min(...text),
    ink: bright(style.color),
    paper: bright(style.backgroundColor),
    tick: bright(getComputedStyle(document.querySelector('figure text')).fill),
  };
})()`;

interface Seen {
  readonly overflow: number;
  readonly figures: number;
  readonly charts: number;
  readonly cut: readonly string[];
  readonly smallestText: number;
  readonly ink: number;
  readonly paper: number;
  readonly tick: number;
}

describe('the report of a replay', () => {
  it.each([1_280, 768, 360, 320])('is whole and readable %i pixels wide', async (width) => {
    const page = await look({ width });
    const { overflow, figures, charts, cut, smallestText } = await page.evaluate<Seen>(seen);
    expect({ overflow, figures, charts, cut }).toEqual({
      overflow: 0,
      figures: 4,
      charts: 4,
      cut: [],
    });
    expect(smallestText).toBeGreaterThan(9);
    await page.close();
  });

  it('is dark at night, its charts too', async () => {
    const day = await look({ width: 800 });
    const night = await look({ width: 800, colorScheme: 'dark' });
    const [light, dark] = [await day.evaluate<Seen>(seen), await night.evaluate<Seen>(seen)];
    expect(light.paper - light.ink).toBeGreaterThan(0.7);
    expect(light.paper - light.tick).toBeGreaterThan(0.5);
    expect(dark.ink - dark.paper).toBeGreaterThan(0.7);
    expect(dark.tick - dark.paper).toBeGreaterThan(0.5);
    await Promise.all([day.close(), night.close()]);
  });

  it('is printed on white, whatever the screen was, each chart once and wide', async () => {
    const page = await look({ width: 360, colorScheme: 'dark', media: 'print' });
    const { paper, ink, charts } = await page.evaluate<Seen>(seen);
    expect(charts).toBe(4);
    expect(paper - ink).toBeGreaterThan(0.7);
    const widths = await page.evaluate<string[]>(
      `[...document.querySelectorAll('figure svg')].filter((svg) => svg.getBoundingClientRect().width > 0).map((svg) => svg.getAttribute('viewBox'))`,
    );
    expect(new Set(widths)).toEqual(new Set(['0 0 720 280']));
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await page.close();
  });

  it('shows marks of every family, and says what each is', async () => {
    const page = await look({ width: 1_000 });
    const titles = await page.evaluate<string[]>(
      `[...document.querySelectorAll('.wide .dot title')].map((title) => title.textContent)`,
    );
    for (const family of [
      'with forecast',
      'without forecast',
      'threshold only',
      'HPA-like',
      'KEDA-like',
    ])
      expect(
        titles.filter((title) => title.startsWith(`${family}, target`)).length,
      ).toBeGreaterThan(10);
    await page.close();
  });
});

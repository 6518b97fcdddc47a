// The dashboard before a real Prometheus that scrapes a real run: every query returns data. It also shows
// that a fresh service of one instance gets its policy's two without anybody asking. It needs no
// Kubernetes, and stands here because it needs the chart and Prometheus.
import { expect, it } from 'vitest';
import { watchedRun } from '../../examples/dashboard/demo.js';
import { addressesOf } from '../support/service-under-test.js';

const say = (line: string) => process.stderr.write(`${line}\n`);

it('returns data for every query while a service starts and grows', async () => {
  const { runs, panels } = await watchedRun(addressesOf(process.env), say);
  expect(runs[0]?.outcome).toMatchObject({ outcome: 'completed', revision: 1 });
  expect(runs[1]?.outcome).toMatchObject({ outcome: 'completed', revision: 2 });
  const answers = panels.flatMap((one) => one.answers);
  for (const { expr, series } of answers) say(`${expr} → ${series.length}`);
  expect(answers.length).toBeGreaterThan(25);
  expect(answers.filter(({ series }) => series.length === 0).map(({ expr }) => expr)).toEqual([]);

  const last = (title: string) =>
    panels
      .find(({ panel }) => panel.title === title)
      ?.answers[0]?.series.map(({ name, points }) => `${name} ${points.at(-1)?.[1]}`);
  expect(last('Clients')).toEqual(['clients 40']);
  expect(last('Revision')).toEqual(['revision 2']);
  // The clients that moved came to an instance whose first scrape was later.
  const most = (title: string, name: string) =>
    panels
      .find(({ panel }) => panel.title === title)
      ?.answers.flatMap(({ series }) => series)
      .filter((one) => one.name === name)
      .flatMap(({ points }) => points.map(([, value]) => value))
      .reduce((a, b) => Math.max(a, b), 0);
  expect(most('Clients moved and told to go', 'moved')).toBeGreaterThan(0);
  expect(last('Partitions by instance')).toEqual([
    'messaging-0 120',
    'messaging-1 120',
    'messaging-2 120',
  ]);
});

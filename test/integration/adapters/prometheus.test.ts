// The adapter and the default queries before a real Prometheus that scrapes what counts as the reference
// service does: the numbers are right, an instance that goes is missing at once, and a source that died is
// said.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { judge, type Answer, type Judged } from '../../../src/core/telemetry/judge.js';
import { problemText } from '../../../src/core/telemetry/problems.js';
import { defaultQueries, queryOf } from '../../../src/core/telemetry/template.js';
import { startPrometheus, type Prometheus } from '../../../src/local/prometheus.js';
import { createStats } from '../../../src/server/stats.js';
import { eventually } from '../../support/eventually.js';

const directory = mkdtempSync(join(tmpdir(), 'prometheus-'));
const members = ['chat-0', 'chat-1'];
const servers: Server[] = [];
let prometheus: Prometheus;

/** A program that has `clients` welcomed ones, scraped as every server of ours is. */
async function instance(name: string, clients: number): Promise<number> {
  const stats = createStats({ service: 'chat', instance: name });
  for (let i = 0; i < clients; i += 1) stats.welcomed(1);
  const server = createServer((_request, response) => {
    void stats.registry.metrics().then((text) => response.end(text));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const answer = (of: keyof typeof defaultQueries): Promise<Answer> =>
  prometheus.source
    .instant(queryOf(defaultQueries[of], 'chat'))
    .catch((error: unknown) => ({ failed: (error as Error).message }));

async function look(): Promise<Judged> {
  const [clients, instances, age] = await Promise.all(
    (['clients', 'instances', 'age'] as const).map(answer),
  );
  return judge(
    { clients: clients as Answer, instances: instances as Answer, age: age as Answer },
    {
      members,
      instanceLabel: 'instance',
      maxAgeMs: 60_000,
      reported: 70,
      slackShare: 0.1,
      slackClients: 10,
    },
  );
}

/** All three answers are of the same scrapes: one may have come between two of them. */
const seeing = (clients: number, instances: number): Promise<Judged> =>
  eventually(`${clients} clients in the metrics`, async () => {
    const seen = await look();
    return seen.clients === clients && seen.perInstance.size === instances && seen;
  });

beforeAll(async () => {
  prometheus = await startPrometheus(directory, (line) => process.stderr.write(`${line}\n`));
}, 600_000);
afterAll(async () => {
  await prometheus.stop();
  for (const server of servers) server.close();
  rmSync(directory, { recursive: true, force: true });
});

it('tells the clients of a service and of each instance, and when it cannot', async () => {
  const empty = await look();
  expect(empty.clients).toBeNull();
  expect(problemText(empty.problems[0]!)).toContain('gives no series');

  const ports = [await instance('chat-0', 30), await instance('chat-1', 40)];
  prometheus.scrape(ports);
  const good = await seeing(70, 2);
  expect([...good.perInstance].sort()).toEqual([
    ['chat-0', 30],
    ['chat-1', 40],
  ]);
  expect(good.problems).toEqual([]);

  const now = Date.now();
  const window = { fromMs: now - 10_000, toMs: now + 1_000, stepMs: 1_000 };
  const [series] = await prometheus.source.range('sum(evenkeel_connected_clients)', window);
  expect(series?.points.at(-1)?.value).toBe(70);

  // Whoever cannot be scraped has no value any more: half a cluster is never taken for all of it.
  servers[0]!.closeAllConnections();
  servers[0]!.close();
  const half = await seeing(40, 1);
  expect(half.problems.map(problemText)).toEqual([
    '1 of 2 instances have no metrics (chat-0)',
    "the metrics say 40 clients, and the instances' own reports sum up to 70",
  ]);
  await expect(prometheus.source.instant('sum(')).rejects.toThrow('refuses the query "sum("');

  await prometheus.stop();
  const dead = await look();
  expect(dead.clients).toBeNull();
  expect(dead.problems.map(problemText)[0]).toContain('cannot be reached (ECONNREFUSED)');
});

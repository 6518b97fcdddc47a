// `evenkeel console --origin --person-header` behind a real proxy, on the real stack: the history names the person
// whom the proxy has named, whoever the browser says that it is.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.js';
import { reservePorts } from '../../../stack/ports.js';
import { startProxy, type Proxy } from '../../console/proxy.js';
import { visit } from '../../console/visitor.js';
import { eventually } from '../../support/eventually.js';
import { addressesOf } from '../../support/service-under-test.js';

const service = `proxied-${randomUUID().slice(0, 6)}`;
const directory = mkdtempSync(join(tmpdir(), 'evenkeel-proxied-'));
const tokenFile = join(directory, 'token');
const token = randomUUID();
const header = 'X-Forwarded-User';
const env = { ...addressesOf(process.env), EVENKEEL_TASK_QUEUE: service };
let temporal: Client;
let proxy: Proxy;
let port = 0;
let ended: Promise<number>;

beforeAll(async () => {
  const { TEMPORAL_ADDRESS: address = '' } = env as Readonly<Record<string, string>>;
  temporal = new Client({ connection: await Connection.connect({ address }) });
  const policy = {
    ...{ service, partitions: 12, instances: { min: 1, max: 2 } },
    clientsPerInstance: { upper: 100, lower: 10, target: 50 },
    scheduleEveryMs: 3_600_000,
  };
  const file = join(directory, 'policy.json');
  writeFileSync(file, JSON.stringify(policy));
  const said = { err: '' };
  const streams = { out: () => undefined, err: (text: string) => void (said.err += text), env };
  expect(await main(['apply', file, '--by', 'test'], streams), said.err).toBe(0);
  proxy = await startProxy(() => port, { header });
  writeFileSync(tokenFile, token);
  const named = ['--origin', proxy.origin, '--person-header', header];
  // Its own address is in no line: browsers are told the proxy's.
  const reserved = await reservePorts([0]);
  port = reserved.ports[0] ?? 0;
  reserved.release();
  ended = main(['console', '--port', String(port), '--token-file', tokenFile, ...named], streams);
  await eventually('it listens', () => said.err.includes(`console at ${proxy.origin}`));
});
afterAll(async () => {
  process.emit('SIGTERM');
  await ended;
  await proxy.close();
  await temporal.schedule
    .getHandle(`evenkeel/${service}`)
    .delete()
    .catch(() => undefined);
  await temporal.workflow
    .getHandle(`rebalance/${service}`)
    .terminate('the test is over')
    .catch(() => undefined);
  await temporal.connection.close();
  rmSync(directory, { recursive: true });
});

async function enter(person: string) {
  const of = proxy.cookieFor(person);
  const { origin, ca } = proxy;
  const headers = { cookie: of, [header]: 'mallory' };
  const found = await visit(origin, { token, by: 'mallory', ca, headers });
  const cookie = `${of}; ${found.cookie}`;
  return {
    act: (name: string, reason: string) =>
      found.post(`/api/actions/${name}`, { service, reason }, { cookie }),
    watch: () => found.listen(service, { cookie }),
  };
}

it('a pause and a request stand under the name that the proxy gave', async () => {
  const ada = await enter('ada@example.org');
  expect((await ada.act('pause', 'lunch')).status).toBe(200);
  const { state } = await temporal.schedule.getHandle(`evenkeel/${service}`).describe();
  expect(state.note).toBe('paused by ada@example.org: lunch');

  const { text } = (await ada.act('force', 'the match')).json<{ text: string }>();
  const [sentence = ''] = text.split('\n');
  expect(sentence).toMatch(
    /^a rebalance of \S+ was asked for by ada@example\.org at \S+ \S+Z: the match$/,
  );
  const handle = temporal.workflow.getHandle(`rebalance/${service}`);
  const { events } = await handle.fetchHistory();
  const [signal] = (events ?? []).flatMap(
    (one) => one.workflowExecutionSignaledEventAttributes ?? [],
  );
  const data = signal?.input?.payloads?.[0]?.data ?? new Uint8Array();
  const request = JSON.parse(new TextDecoder().decode(data)) as object;
  expect(request).toMatchObject({ by: 'ada@example.org', reason: 'the match', source: 'operator' });
});

it('the stream comes through while it is open', async () => {
  const bob = await (await enter('bob@example.org')).watch();
  await eventually('figures', () => bob.now()?.schedule?.note ?? undefined);
  expect(bob.now()?.schedule?.note).toBe('paused by ada@example.org: lunch');
  const before = bob.text().length;
  await eventually('signs of life', () => bob.text().length > before);
  bob.leave();
});

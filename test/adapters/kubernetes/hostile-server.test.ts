// The adapter under an API server that does what it should not: real HTTP, answers of our making. Nothing is
// timed but by bounds that a storm of questions, or a promise that nobody keeps, passes by far.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppsV1Api, CoreV1Api, KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { afterEach, expect, it } from 'vitest';
import { connectKubernetes } from '../../../src/adapters/kubernetes.js';
import { createAsking } from '../../../src/adapters/kubernetes/call.js';
import { readTokenAnew } from '../../../src/adapters/kubernetes/connect.js';
import { watchPods } from '../../../src/adapters/kubernetes/pod-watch.js';
import { statefulSetIn } from '../../../src/adapters/kubernetes/stateful-set.js';
import { BadInputError, UnreachableError } from '../../../src/errors.js';
import { eventually } from '../../support/eventually.js';

type Answering = (response: ServerResponse, request: IncomingMessage, nth: number) => void;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Lists and watches are answered by these; each is told which of its kind it is, from 1. */
async function hostile(answer: { readonly list: Answering; readonly watch: Answering }) {
  const asked = { list: 0, watch: 0 };
  const server = createServer((request, response) => {
    const kind = /[?&]watch=true/.test(request.url ?? '') ? 'watch' : 'list';
    asked[kind] += 1;
    answer[kind](response, request, asked[kind]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'c', server: url, skipTLSVerify: true }],
    users: [{ name: 'u' }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  return { asked, url, config };
}

async function watching(
  answer: { readonly list: Answering; readonly watch: Answering },
  silentMs?: number,
) {
  const { asked, url, config } = await hostile(answer);
  const seen: V1Pod[] = [];
  const watch = watchPods({
    ...{ config, core: config.makeApiClient(CoreV1Api), asking: createAsking(url) },
    ...{ namespace: 'chat', labelSelector: 'app=messaging' },
    onPod: (pod) => void seen.push(pod),
    ...(silentMs === undefined ? {} : { silentMs }),
  });
  ends.push(() => watch.close());
  return { asked, watch, seen };
}

const pod = (name: string, resourceVersion: string) => ({
  ...{ kind: 'Pod', apiVersion: 'v1', metadata: { name, uid: name, resourceVersion } },
});
const json = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};
const listOf = (resourceVersion: string, ...items: object[]) => ({
  ...{ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion }, items },
});
const event = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;
const empty: Answering = (response) => json(response, listOf('7'));
const silent: Answering = (response) => void response.writeHead(200).write(' ');
const namesOf = (pods: readonly V1Pod[]) => pods.map(({ metadata }) => metadata?.name).sort();

/** Long enough for thousands of questions in a storm; a handful are asked with the waits between them. */
const stormMs = 1_500;
const fewMax = 20;
const soonSilentMs = 300;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const storms: readonly [what: string, watch: Answering][] = [
  ['ends each watch at once', (response) => void response.end()],
  [
    'ends it after a bookmark that says nothing',
    (response) => void response.end(event('BOOKMARK', { metadata: {} })),
  ],
  ['has forgotten where each watch is from', (response) => json(response, {}, 410)],
  ['says so by an event', (response) => void response.end(event('ERROR', { code: 410 }))],
  [
    'breaks it off',
    (response, request) => {
      response.writeHead(200).write(' ');
      setTimeout(() => request.socket.destroy(), 5);
    },
  ],
];

it.each(storms)('a server that %s is not asked without a pause', async (_, answer) => {
  const { asked, watch } = await watching({ list: empty, watch: answer });
  await pause(stormMs);
  expect(asked.watch).toBeLessThan(fewMax);
  expect(asked.list).toBeLessThan(fewMax);
  expect(asked.watch).toBeGreaterThan(1);
  expect(await watch.pods()).toEqual([]);
});

it('events that are none do no harm to those that are', async () => {
  const answer: Answering = (response) => {
    response
      .writeHead(200)
      .write('{"type":"ADDED"}\nnull\n[]\n7\n{"type":"ADDED","object":null}\n');
    response.write(event('ADDED', pod('messaging-0', '8')));
  };
  const { watch, seen } = await watching({ list: empty, watch: answer });
  await eventually('it is seen', () => seen.length === 1, 10_000);
  expect(namesOf(await watch.pods())).toEqual(['messaging-0']);
});

it('closing ends a list that is not answered, at once', async () => {
  for (const list of [silent, () => undefined]) {
    const { watch, asked } = await watching({ list, watch: silent });
    await eventually('it is asked', () => asked.list > 0, 10_000);
    const waiting = watch.pods().catch((error: unknown) => error);
    await watch.close();
    expect(await waiting).toBeInstanceOf(Error);
  }
});

it('a list without an end is ended', async () => {
  const { watch, asked } = await watching({
    list: (response, _, nth) =>
      json(response, { ...listOf('7'), metadata: { continue: `page ${nth}` } }),
    watch: silent,
  });
  await expect(watch.pods()).rejects.toThrow(UnreachableError);
  expect(asked.list).toBeLessThan(1_000);
});

it('a list whose place the server forgot in the middle is begun again', async () => {
  let forgets = 1;
  const { watch } = await watching({
    list: (response, request) => {
      if (!(request.url ?? '').includes('continue=')) {
        return json(response, {
          ...listOf('7', pod('messaging-0', '3')),
          metadata: { resourceVersion: '7', continue: 'more' },
        });
      }
      if (forgets > 0) {
        forgets -= 1;
        return json(response, { message: 'The provided continue parameter is too old' }, 410);
      }
      json(response, listOf('7', pod('messaging-1', '4')));
    },
    watch: silent,
  });
  await eventually('both pages', async () => (await watch.pods()).length === 2, 10_000);
  expect(namesOf(await watch.pods())).toEqual(['messaging-0', 'messaging-1']);
});

it('what the watch tells while a list is under way is not undone by that list', async () => {
  let tell: (text: string) => void = () => undefined;
  let answerLate: () => void = () => undefined;
  const { watch, seen, asked } = await watching(
    {
      list: (response, _, nth) => {
        const answer = () => json(response, listOf('7', pod('messaging-0', '3')));
        if (nth === 1) answer();
        else answerLate = answer;
      },
      watch: (response) => {
        response.writeHead(200).write(' ');
        tell = (text) => void response.write(text);
      },
    },
    soonSilentMs,
  );
  await eventually('it watches', () => asked.watch === 1, 10_000);
  // Silent for so long that whoever looks asks for a list.
  await pause(2 * soonSilentMs);
  const looking = watch.pods();
  await eventually('it lists', () => asked.list === 2, 10_000);
  tell(event('MODIFIED', pod('messaging-0', '9')));
  await eventually('it is told', () => seen.length === 2, 10_000);
  answerLate();
  const [found] = await looking;
  expect(found?.metadata?.resourceVersion).toBe('9');
});

it('a watch that did not tell what a list shows is dead, and made anew', async () => {
  const { watch, asked } = await watching(
    {
      list: (response, _, nth) => json(response, listOf(`${nth}`, pod('messaging-0', `${nth}`))),
      watch: silent,
    },
    soonSilentMs,
  );
  await eventually('it watches', () => asked.watch === 1, 10_000);
  await pause(2 * soonSilentMs);
  const [found] = await watch.pods();
  expect(found?.metadata?.resourceVersion).toBe('2');
  await eventually('it watches anew', () => asked.watch === 2, 10_000);
});

it('a page of a proxy is no answer, whatever its status says', async () => {
  const page: Answering = (response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>try later</html>');
  };
  const { url, config } = await hostile({ list: page, watch: silent });
  const apps = config.makeApiClient(AppsV1Api);
  let nowMs = 0;
  const asking = createAsking(
    url,
    async (ms) => void (nowMs += ms),
    () => nowMs,
  );
  const read = asking({
    what: 'to read StatefulSet messaging in chat',
    ask: async (how) => {
      const which = { namespace: 'chat', name: 'messaging' };
      return statefulSetIn(await apps.readNamespacedStatefulSet(which, how));
    },
  });
  await expect(read).rejects.toThrow(/does not answer .* is no StatefulSet/);
});

it('a server that does not know us is told of in a sentence, by doctor too', async () => {
  const unknown: Answering = (response) => json(response, { message: 'Unauthorized' }, 401);
  const { url } = await hostile({ list: unknown, watch: unknown });
  const platform = connectKubernetes({ kubeconfig: kubeconfigOf(url), namespace: 'chat' });
  ends.push(() => platform.close());
  const sentence = /^Kubernetes does not know who asks to \w+ .*StatefulSet messaging in chat/;
  await expect(platform.inspect('messaging')).rejects.toThrow(sentence);
  await expect(platform.observe('messaging')).rejects.toThrow(sentence);
  await expect(platform.observe('messaging')).rejects.toThrow(BadInputError);
});

it('an address without TLS is refused with the way to allow it', async () => {
  const kubeconfig = kubeconfigOf('http://127.0.0.1:8001', false);
  expect(() => connectKubernetes({ kubeconfig })).toThrow(BadInputError);
  expect(() => connectKubernetes({ kubeconfig })).toThrow('--insecure-skip-tls-verify=true');
});

it('a token that was exchanged counts from the next request on', async () => {
  const tokens: (string | undefined)[] = [];
  const { config, url } = await hostile({
    list: (response, { headers }) => {
      tokens.push(headers.authorization);
      json(response, listOf('7'));
    },
    watch: silent,
  });
  const file = join(directory(), 'token');
  readTokenAnew(config, file);
  const core = config.makeApiClient(CoreV1Api);
  const asking = createAsking(url);
  for (const token of ['first', 'second']) {
    writeFileSync(file, `${token}\n`);
    await asking({
      what: 'to list pods in chat',
      ask: (how) => core.listNamespacedPod({ namespace: 'chat' }, how),
    });
  }
  expect(tokens).toEqual(['Bearer first', 'Bearer second']);
});

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'evenkeel-hostile-'));
  ends.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function kubeconfigOf(server: string, skipsTls = true): string {
  const path = join(directory(), 'kubeconfig');
  const cluster = { server, ...(skipsTls ? { 'insecure-skip-tls-verify': true } : {}) };
  writeFileSync(
    path,
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'x' },
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    }),
  );
  return path;
}

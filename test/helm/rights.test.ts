// What the worker's service account may do, asked in two ways: the API server's own answer to "may I",
// and the call itself with the account's token. The table of it stands in docs/kubernetes.md;
// EVENKEEL_WRITE_DOCS=1 writes it there.
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { AuthorizationV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkoutDir } from '../../stack/checkout.js';
import { eventually } from '../support/eventually.js';
import { testCluster } from '../support/test-cluster.js';
import { chartDir, release } from './chart.js';
import { inCluster } from './in-cluster.js';
import { account, calls, partsOf, type Call } from './worker-calls.js';

const cluster = testCluster();
let namespace = '';
let elsewhere = '';
let token = '';

beforeAll(async () => {
  const inside = await inCluster(cluster.kubeconfig);
  namespace = await cluster.makeNamespace();
  elsewhere = await cluster.makeNamespace();
  await inside.helm(['install', release, chartDir, '-n', namespace, '--wait', '--timeout', '2m']);
  const { status } = await cluster.core.createNamespacedServiceAccountToken({
    namespace,
    name: account,
    body: { spec: { audiences: [] } },
  });
  token = status?.token ?? '';
});
afterAll(async () => {
  await (await inCluster(cluster.kubeconfig)).helm(['uninstall', release, '-n', namespace]);
  await cluster.removeNamespace(namespace);
  await cluster.removeNamespace(elsewhere);
});

const namespaceOf = ({ in: where = 'own' }: Call) =>
  where === 'own' ? namespace : where === 'other' ? elsewhere : undefined;

/** The API server's own answer. */
async function mayI(call: Call): Promise<boolean> {
  const config = new KubeConfig();
  const server = cluster.config.getCurrentCluster();
  if (server === null) throw new Error('the kubeconfig names no cluster');
  config.loadFromClusterAndUser(server, { name: account, token });
  const { group, resource, subresource } = partsOf(call);
  const { verb, name } = call;
  const place = namespaceOf(call);
  const answer = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({
    body: {
      spec: {
        resourceAttributes: {
          ...{ verb, group, resource },
          ...(name === undefined ? {} : { name }),
          ...(subresource === undefined ? {} : { subresource }),
          ...(place === undefined ? {} : { namespace: place }),
        },
      },
    },
  });
  return answer.status?.allowed ?? false;
}

const methods: Readonly<Record<string, string>> = {
  ...{ get: 'GET', list: 'GET', watch: 'GET' },
  ...{ patch: 'PATCH', create: 'POST', update: 'PUT' },
  ...{ delete: 'DELETE', deletecollection: 'DELETE' },
};

/** The call itself; the status of its answer. */
async function really(call: Call): Promise<number> {
  const { group, resource, subresource } = partsOf(call);
  const place = namespaceOf(call);
  const versions: Readonly<Record<string, string>> = { autoscaling: 'v2' };
  const path = [
    group === '' ? '/api/v1' : `/apis/${group}/${versions[group] ?? 'v1'}`,
    ...(place === undefined ? [] : ['namespaces', place]),
    resource,
    ...(call.name === undefined ? [] : [call.name]),
    ...(subresource === undefined ? [] : [subresource]),
  ].join('/');
  const body = await bodyOf(call);
  const server = cluster.config.getCurrentCluster();
  const text = body === undefined ? '' : JSON.stringify(body);
  const query = call.verb === 'watch' ? '?watch=true&timeoutSeconds=1' : '';
  return new Promise((resolve, reject) => {
    const asked = request(
      `${server?.server ?? ''}${path}${query}`,
      {
        method: methods[call.verb],
        ca: Buffer.from(server?.caData ?? '', 'base64'),
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': call.contentType ?? 'application/json',
          // Node frames no body of a DELETE by itself.
          'content-length': Buffer.byteLength(text),
        },
      },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    asked.once('error', reject);
    asked.end(text);
  });
}

async function bodyOf({ body, bodyFor }: Call): Promise<object | undefined> {
  if (bodyFor === undefined) return body;
  const pod = await cluster.core.readNamespacedPod({ namespace, name: 'messaging-0' });
  return bodyFor(pod.metadata?.uid ?? '');
}

describe("the worker's service account", () => {
  it.each(calls)('$what: allowed $allowed', async (call) => {
    expect(await mayI(call)).toBe(call.allowed);
    const status = await really(call);
    if (call.allowed) expect(status).toBeLessThan(300);
    else expect(status).toBe(403);
  });

  it('restarts no other process than the one that it means', async () => {
    const restart = calls.find(({ what }) => what === 'restart an instance') as Call;
    const preconditions = { uid: '00000000-0000-4000-8000-000000000000' };
    const asked = async () =>
      (await really({ ...restart, bodyFor: () => ({ preconditions }) })) === 409;
    await eventually('it is refused, once the pod is there again', asked);
  });

  it('may do nothing that the table does not say', async () => {
    const role = await cluster.rbac.readNamespacedRole({
      namespace,
      name: 'demo-scales-messaging',
    });
    const granted = (role.rules ?? []).flatMap(({ apiGroups = [], resources = [], verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${apiGroups[0]}/${resource}`)),
    );
    const tried = calls.filter(({ allowed }) => allowed).map(({ verb, of }) => `${verb} ${of}`);
    expect(granted.sort()).toEqual([...new Set(tried)].sort());
  });

  it('may be restricted to what it needs without `roll`', async () => {
    const inside = await inCluster(cluster.kubeconfig);
    await inside.helm([
      ...['upgrade', release, chartDir, '-n', namespace, '--wait', '--timeout', '2m'],
      ...['--set', 'rbac.restartInstances=false'],
    ]);
    const restart = calls.find(({ what }) => what === 'restart an instance');
    await eventually('the right is gone', async () => restart && !(await mayI(restart)));
  });
});

describe('nobody else', () => {
  it.each(['messaging', 'messaging-directory', 'bff', 'default'])(
    '%s may do anything',
    async (name) => {
      const inside = await inCluster(cluster.kubeconfig);
      const as = `system:serviceaccount:${namespace}:${name}`;
      const may = await inside.kubectl(['auth', 'can-i', '--list', '-n', namespace, '--as', as]);
      // What Kubernetes lets everybody do: ask what they may do, and read the API's description.
      const lines = may
        .split('\n')
        .slice(1)
        .filter((line) => line.trim() !== '');
      const usual = /selfsubject|^ +\[\/|clustertrustbundles/;
      expect(lines.filter((line) => !usual.test(line))).toEqual([]);
    },
  );
});

it('docs/kubernetes.md has the table', () => {
  const where = { own: 'own', other: 'another', cluster: 'none' };
  const row = (call: Call) => {
    const { group, resource, subresource } = partsOf(call);
    const full = [group, resource, subresource].filter(Boolean).join('/');
    const name = call.name === undefined ? '' : ` \`${call.name}\``;
    const verdict = call.allowed ? 'allowed' : 'refused, 403';
    return `| ${call.what} | ${call.verb} | ${full}${name} | ${where[call.in ?? 'own']} | ${verdict} |`;
  };
  const wanted = [
    '| call | verb | of | namespace | answer |',
    '| - | - | - | - | - |',
    ...calls.map(row),
  ].join('\n');
  const file = join(checkoutDir, 'docs', 'kubernetes.md');
  const text = readFileSync(file, 'utf8');
  const [before = '', rest = ''] = text.split('<!-- rights -->\n');
  const [found = '', after = ''] = rest.split('\n<!-- /rights -->');
  if (process.env['EVENKEEL_WRITE_DOCS']) {
    writeFileSync(file, `${before}<!-- rights -->\n\n${wanted}\n\n<!-- /rights -->${after}`);
    return;
  }
  // The formatter aligns columns.
  const plain = (table: string) => table.trim().replace(/ +/g, ' ').replace(/-+/g, '-');
  expect(plain(found), 'EVENKEEL_WRITE_DOCS=1 writes it').toBe(plain(wanted));
});

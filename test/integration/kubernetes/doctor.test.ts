// What doctor says of a StatefulSet that cannot be worked with, on the real API server: no permission, the
// wrong context, none there, one after the other. What it says to do is done, as it says, and mends it.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.js';
import type { Finding } from '../../../src/cli/doctor/finding.js';
import { findKubectl } from '../../../stack/kubernetes/programs.js';
import { eventually } from '../../support/eventually.js';
import { kubeconfigAs } from '../../support/kubeconfig-as.js';
import { addressesOf } from '../../support/service-under-test.js';
import { statefulSet, testCluster } from '../../support/test-cluster.js';

const cluster = testCluster();
const directory = mkdtempSync(join(tmpdir(), 'evenkeel-doctor-'));
const service = `doctor-${randomUUID().slice(0, 6)}`;
let namespace = '';

beforeAll(async () => {
  namespace = await cluster.makeNamespace();
});
afterAll(async () => {
  await cluster.removeNamespace(namespace);
  rmSync(directory, { recursive: true });
});

/** Of the one check, what doctor finds; and all of its text, for whoever reads the log of this test. */
async function doctor(check: string, settings: Readonly<Record<string, string>> = {}) {
  let json = '';
  const env = {
    ...addressesOf(process.env),
    EVENKEEL_PLATFORM: 'kubernetes',
    EVENKEEL_KUBECONFIG: cluster.kubeconfig,
    EVENKEEL_NAMESPACE: namespace,
    ...settings,
  };
  const out = (text: string) => void (json += text);
  await main(['doctor', service, '--json'], { out, err: () => undefined, env });
  const { findings } = JSON.parse(json) as { findings: readonly Finding[] };
  const found = findings.find((one) => one.check === check);
  if (found === undefined) throw new Error(`doctor says nothing of ${check}: ${json}`);
  process.stderr.write(`${found.verdict} ${found.check}: ${found.found}\n${found.mend ?? ''}\n`);
  return found;
}

/** The lines that are to be copied, run by a shell as an administrator of the cluster. */
const shell = async (script: string): Promise<string> => {
  const kubectl = await findKubectl(() => undefined);
  const env = {
    ...process.env,
    KUBECONFIG: cluster.kubeconfig,
    PATH: `${dirname(kubectl)}${delimiter}${process.env['PATH'] ?? ''}`,
  };
  const { stdout } = await promisify(execFile)('bash', ['-euc', script], { env, cwd: directory });
  return stdout;
};
const toCopy = ({ mend }: Finding): string[] =>
  (mend ?? '').split('\n').filter((line) => line.startsWith('  '));

it('no StatefulSet: where it was looked for, how to name another, and the command that lists them', async () => {
  const found = await doctor('stateful-set');
  expect(found).toMatchObject({ verdict: 'fault' });
  expect(found.found).toContain(`no StatefulSet ${service} in namespace ${namespace} at https://`);
  expect(found.mend).toMatch(/EVENKEEL_STATEFULSETS/);
  await cluster.apps.createNamespacedStatefulSet({ namespace, body: statefulSet('other', 0) });
  expect(await shell(toCopy(found).join('\n'))).toMatch(/\bother\b/);
  const named = { EVENKEEL_STATEFULSETS: `${service}=other` };
  expect(await doctor('stateful-set', named)).toMatchObject({ verdict: 'ok' });
});

it('the wrong context: which there are', async () => {
  const found = await doctor('kubernetes', { EVENKEEL_KUBECONTEXT: 'production' });
  expect(found).toMatchObject({ verdict: 'fault' });
  expect(found.found).toMatch(/no context production; it has: \w+/);
  expect(found.mend).toMatch(/EVENKEEL_KUBECONTEXT: one of .*kubectl config get-contexts/);
});

it('OrderedReady: the commands make it Parallel around its pods', async () => {
  const body = statefulSet(service, 2, 'OrderedReady');
  await cluster.apps.createNamespacedStatefulSet({ namespace, body });
  const pods = async () => {
    const labelSelector = `app=${service}`;
    const { items } = await cluster.core.listNamespacedPod({ namespace, labelSelector });
    return items.map(({ metadata }) => metadata?.uid).sort();
  };
  await eventually('two pods', async () => (await pods()).length === 2);
  const before = await pods();
  const found = await doctor('stateful-set');
  expect(found.found).toContain('is OrderedReady');
  await shell(toCopy(found).join('\n'));
  expect(await doctor('stateful-set')).toMatchObject({ verdict: 'ok' });
  expect(await pods()).toEqual(before);
});

it('no permission: who may not what, and the manifest that allows it', async () => {
  const name = 'operator';
  await cluster.core.createNamespacedServiceAccount({ namespace, body: { metadata: { name } } });
  const kubeconfig = await kubeconfigAs(cluster, { namespace, name }, join(directory, 'operator'));
  const as = { EVENKEEL_KUBECONFIG: kubeconfig };

  const found = await doctor('permissions', as);
  expect(found).toMatchObject({ verdict: 'fault' });
  expect(found.found).toContain(
    `system:serviceaccount:${namespace}:operator may not: get statefulsets.apps/${service}`,
  );
  const lines = toCopy(found);
  const [check = '', ...manifest] = [lines.at(-1), ...lines.slice(0, -1)];
  writeFileSync(join(directory, 'role.yaml'), manifest.join('\n'));
  await shell('kubectl apply -f role.yaml');
  await eventually('it is allowed now', async () => (await shell(check)).trim() === 'yes');
  expect(await doctor('permissions', as)).toMatchObject({ verdict: 'ok' });
});

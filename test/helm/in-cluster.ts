// Owns: the chart in the real cluster: kubectl, Helm with its kubeconfig, the CustomResourceDefinitions
// that it can use, and what is left in a namespace.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findKubectl } from '../../stack/kubernetes/programs.js';
import { helm } from './chart.js';

const exec = promisify(execFile);
const outputMaxBytes = 64 * 1024 * 1024;
const say = (line: string) => process.stderr.write(`${line}\n`);

export interface InCluster {
  /** Rejects with what kubectl said; answers with both of its streams. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
  readonly helm: (args: readonly string[]) => Promise<string>;
}

export async function inCluster(kubeconfig: string): Promise<InCluster> {
  const program = await findKubectl(say);
  return {
    kubectl: (args, input) => kubectl(program, ['--kubeconfig', kubeconfig, ...args], input),
    helm: (args) => helm(args, { KUBECONFIG: kubeconfig }),
  };
}

function kubectl(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer) => void (output += chunk.toString('utf8'));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0
        ? resolve(output)
        : reject(new Error(`kubectl ${args.slice(2).join(' ')}: ${output}`)),
    );
    child.stdin.end(input);
  });
}

/** Where the definitions lie: inside of the Go modules that own these kinds. */
const definitions = [
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    files: ['servicemonitors', 'prometheusrules'].map(
      (kind) => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`,
    ),
  },
  {
    module: 'sigs.k8s.io/gateway-api@v1.3.0',
    files: ['config/crd/standard/gateway.networking.k8s.io_httproutes.yaml'],
  },
];

/** Installs them and waits until the API server serves the kinds. */
export async function installDefinitions({ kubectl }: InCluster): Promise<void> {
  const files = await Promise.all(
    definitions.map(async ({ module, files }) => {
      const directory = await moduleDirectory(module);
      return files.map((file) => join(directory, file));
    }),
  );
  const named = files.flat().flatMap((file) => ['-f', file]);
  // Server side: kubectl's own annotation would be longer than is allowed.
  await kubectl(['apply', '--server-side', ...named]);
  await kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...named]);
}

async function moduleDirectory(module: string): Promise<string> {
  // Away from any checkout, so that none lends its go.mod.
  const away = mkdtempSync(join(tmpdir(), 'evenkeel-module-'));
  try {
    const { stdout } = await exec('go', ['mod', 'download', '-json', module], {
      cwd: away,
      maxBuffer: outputMaxBytes,
      env: { ...process.env, GOWORK: 'off' },
    });
    return (JSON.parse(stdout) as { Dir: string }).Dir;
  } finally {
    rmSync(away, { recursive: true, force: true });
  }
}

/** Everything in a namespace and whatever of a release lies outside of it, but for what Kubernetes notes by itself. */
export async function leftIn(
  { kubectl }: InCluster,
  namespace: string,
  release: string,
): Promise<string[]> {
  const kindsOf = async (namespaced: boolean) =>
    (await kubectl(['api-resources', '--verbs=list', `--namespaced=${namespaced}`, '-o', 'name']))
      .split('\n')
      .filter((kind) => /^[a-z.0-9]+$/.test(kind) && !/^events|metrics/.test(kind))
      .join(',');
  const inside = await kubectl(['get', await kindsOf(true), '-n', namespace, '-o', 'name']);
  const selector = `app.kubernetes.io/instance=${release}`;
  const outside = await kubectl(['get', await kindsOf(false), '-l', selector, '-o', 'name']);
  return `${inside}\n${outside}`
    .split('\n')
    .filter((line) => line.includes('/'))
    .sort();
}

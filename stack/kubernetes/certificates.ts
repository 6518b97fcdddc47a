// Owns: the certificates of a control plane on this machine: an authority for servers and users, one
// for the aggregation layer, and who is signed by which. Never leaves its directory; keys are readable
// by this user only, live as long as the run, and open nothing elsewhere.
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../programs.js';

const opensslMs = 30_000;
/** Longer than any run. */
const validDays = '30';

/** Who is signed by the cluster's authority: file name → subject. Groups (`O`) are Kubernetes' roles. */
const users = {
  admin: '/O=system:masters/CN=evenkeel-admin',
  'kube-controller-manager': '/CN=system:kube-controller-manager',
  'kube-scheduler': '/CN=system:kube-scheduler',
} as const;
export type ControlPlaneUser = keyof typeof users;

const serverNames =
  'IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,' +
  'DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local';

/** Where a certificate and its key lie. */
export function certificate(directory: string, name: string): { cert: string; key: string } {
  return { cert: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) };
}

/**
 * Writes `ca`, `front-proxy-ca`, `kube-apiserver`, `front-proxy-client`, one of each user (.crt, .key)
 * and `service-accounts` (.key, .pub), which signs tokens.
 */
export async function makeCertificates(openssl: string, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const call = (args: readonly string[]) =>
    run(openssl, args, { cwd: directory, timeoutMs: opensslMs });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

  const authority = (name: string) => {
    const { cert, key } = certificate(directory, name);
    const subject = ['-subj', `/CN=evenkeel-${name}`];
    const files = ['-days', validDays, '-keyout', key, '-out', cert];
    return call(['req', '-x509', ...newKey, ...subject, ...files]);
  };
  const signed = async (name: string, subject: string, by: string, extensions: string) => {
    const { cert, key } = certificate(directory, name);
    const request = join(directory, `${name}.csr`);
    const extensionFile = join(directory, `${name}.ext`);
    writeFileSync(extensionFile, `basicConstraints=CA:FALSE\n${extensions}\n`);
    await call(['req', ...newKey, '-subj', subject, '-keyout', key, '-out', request]);
    const { cert: caCert, key: caKey } = certificate(directory, by);
    const signer = ['-CA', caCert, '-CAkey', caKey, '-CAcreateserial', '-days', validDays];
    await call([
      'x509',
      '-req',
      '-in',
      request,
      ...signer,
      '-extfile',
      extensionFile,
      '-out',
      cert,
    ]);
  };

  const client = 'extendedKeyUsage=clientAuth';
  await Promise.all([authority('ca'), authority('front-proxy-ca')]);
  // One after the other: they share the authority's file of serial numbers.
  const server = `extendedKeyUsage=serverAuth\nsubjectAltName=${serverNames}`;
  await signed('kube-apiserver', '/CN=kube-apiserver', 'ca', server);
  for (const [name, subject] of Object.entries(users)) await signed(name, subject, 'ca', client);
  await signed('front-proxy-client', '/CN=front-proxy-client', 'front-proxy-ca', client);

  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = (path: string, text: string) =>
    writeFileSync(join(directory, path), text, { mode: 0o600 });
  pem('service-accounts.key', privateKey.export({ type: 'sec1', format: 'pem' }).toString());
  pem('service-accounts.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString());
}

/** A kubeconfig (JSON is YAML) with everything in it, so that it can be moved about. */
export function kubeconfig(server: string, pem: { ca: string; cert: string; key: string }): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const name = 'evenkeel-local';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(pem.ca) } }],
    users: [
      {
        name,
        user: {
          'client-certificate-data': base64(pem.cert),
          'client-key-data': base64(pem.key),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

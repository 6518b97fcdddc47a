// TLS of one connection: which files, checked at the door, and read again for each connection that is
// made. Never connects.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readText } from './secret.js';
import { refused, valueOf, type Environment } from './variables.js';

export type TlsPrefix = 'KAFKA_TLS' | 'TEMPORAL_TLS' | 'PROMETHEUS_TLS';

export interface TlsSettings {
  readonly prefix: TlsPrefix;
  /** The only authorities that are trusted; those that Node comes with when absent. */
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** What the certificate must be for; the host that is dialled when absent. */
  readonly serverName?: string | undefined;
}

/** What was in the files, as Node's tls takes it. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const dnsName = /^(?!\d+\.\d+\.\d+\.\d+$)[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

/** Undefined when TLS is not wanted. Throws BadInputError for what contradicts itself or cannot be used. */
export function tlsOf(env: Environment, prefix: TlsPrefix): TlsSettings | undefined {
  const wanted = valueOf(env, prefix);
  if (wanted !== undefined && wanted !== 'true' && wanted !== 'false') {
    throw refused(prefix, `is "${wanted.slice(0, 40)}"`);
  }
  const parts = ['CA_FILE', 'CERT_FILE', 'KEY_FILE', 'SERVER_NAME'] as const;
  const given = parts.filter((part) => valueOf(env, `${prefix}_${part}`) !== undefined)[0];
  if (wanted !== 'true') {
    if (given === undefined) return undefined;
    throw refused(
      `${prefix}_${given}`,
      `is set, but ${prefix} is ${wanted ?? 'not set'}, so nothing would be encrypted`,
      `set ${prefix}=true, or remove ${prefix}_${given}`,
    );
  }
  const settings: TlsSettings = {
    prefix,
    caFile: valueOf(env, `${prefix}_CA_FILE`),
    certFile: valueOf(env, `${prefix}_CERT_FILE`),
    keyFile: valueOf(env, `${prefix}_KEY_FILE`),
    serverName: valueOf(env, `${prefix}_SERVER_NAME`),
  };
  const { certFile, keyFile, serverName } = settings;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    const [there, missing] = certFile === undefined ? ['KEY', 'CERT'] : ['CERT', 'KEY'];
    throw refused(
      `${prefix}_${there as 'KEY' | 'CERT'}_FILE`,
      `is set without ${prefix}_${missing}_FILE`,
      'a client certificate needs both',
    );
  }
  if (serverName !== undefined && !dnsName.test(serverName)) {
    throw refused(`${prefix}_SERVER_NAME`, `is "${serverName.slice(0, 80)}"`);
  }
  check(settings, readTls(settings));
  return settings;
}

/** As the files are now. Throws BadInputError. */
export function readTls({ prefix, caFile, certFile, keyFile }: TlsSettings): TlsMaterial {
  return {
    ...(caFile === undefined ? {} : { ca: readText(`${prefix}_CA_FILE`, caFile) }),
    ...(certFile === undefined ? {} : { cert: readText(`${prefix}_CERT_FILE`, certFile) }),
    ...(keyFile === undefined ? {} : { key: readText(`${prefix}_KEY_FILE`, keyFile) }),
  };
}

function check(settings: TlsSettings, { ca, cert, key }: TlsMaterial): void {
  const { prefix, caFile, certFile, keyFile } = settings;
  if (ca !== undefined) requireCertificate(`${prefix}_CA_FILE`, caFile, ca);
  if (cert === undefined || key === undefined) return;
  const certificate = requireCertificate(`${prefix}_CERT_FILE`, certFile, cert);
  if (!certificate.checkPrivateKey(privateKey(`${prefix}_KEY_FILE`, keyFile, key))) {
    throw refused(
      `${prefix}_KEY_FILE`,
      `names ${keyFile}, which is not the key of the certificate in ${certFile}`,
      'name the two files that belong together',
    );
  }
}

/** The first certificate in a file. Throws BadInputError when there is none. */
export function requireCertificate(
  name: Parameters<typeof refused>[0],
  file: string | undefined,
  pem: string,
): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw refused(name, `names ${file}, which holds no certificate in PEM`);
  }
}

function privateKey(name: Parameters<typeof refused>[0], file: string | undefined, pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    if (/ENCRYPTED/.test(pem)) {
      throw refused(name, `names ${file}, whose key has a passphrase`, 'give the key without one');
    }
    // Without the cause: no text about a key may go further.
    throw refused(name, `names ${file}, which holds no private key in PEM`);
  }
}

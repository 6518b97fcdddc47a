// What TLS has to do with a MongoDB that does not answer, seen from outside after a connection failed.
// Decides nothing about the driver, which has its own idea of the same certificates.

import { readFileSync } from 'node:fs';
import type { MongoClient } from 'mongodb';
import { lookAtTls, type Problem, type TlsLook } from '../../connections/look-at-tls.js';

/** Undefined when nothing listens, the host is behind a DNS record, or TLS is not what is wrong. */
export async function tlsProblemOf({ options }: MongoClient): Promise<Problem | undefined> {
  const { tls, tlsAllowInvalidCertificates: anyCertificate } = options;
  const first = options.srvHost === undefined ? options.hosts[0] : undefined;
  if (first?.host === undefined || anyCertificate === true) return undefined;
  const address = `${first.host}:${first.port ?? 27_017}`;
  const caFile = options.tlsCAFile;
  const keyFile = options.tlsCertificateKeyFile;
  const [ca, own] = [textOf(caFile), textOf(keyFile)];
  const look: TlsLook = {
    address,
    addressVariable: 'MONGODB_URI',
    caVariable: 'MONGODB_TLS_CA_FILE',
    caFile,
    material: {
      ...(ca === undefined ? {} : { ca }),
      ...(own === undefined ? {} : { cert: own, key: own }),
    },
  };
  const seen = await lookAtTls(look);
  if (tls) {
    if (seen.kind === 'wrong') return seen.problem;
    if (seen.kind !== 'plain') return undefined;
    return {
      found: `TLS is wanted, and ${address} speaks none`,
      mend: 'remove MONGODB_TLS_CA_FILE and tls=true, or name a server that has it',
    };
  }
  if (seen.kind !== 'trusted' && seen.kind !== 'wrong') return undefined;
  return {
    found: `${address} speaks TLS, and it is not wanted`,
    mend: 'name the authority of its certificate in MONGODB_TLS_CA_FILE, or add tls=true to MONGODB_URI',
  };
}

function textOf(file: string | undefined): string | undefined {
  try {
    return file === undefined ? undefined : readFileSync(file, 'utf8');
  } catch {
    return undefined; // the driver says so
  }
}

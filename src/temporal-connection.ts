// Connections to Temporal as the settings want them: TLS, API key, and one sentence when it does not come
// up. What the client of the commands and the connection of a worker have in common. Never reads the
// environment.

import type { Connection, TLSConfig } from '@temporalio/client';
import { lookAtTls, lookOf, type Problem } from './connections/look-at-tls.js';
import { readTls } from './connections/tls.js';
import type { TemporalSecurity } from './connections/temporal.js';
import { UnreachableError } from './errors.js';

/** How long a program waits for Temporal to answer its first call. */
const connectWithinMs = 5_000;

/** As the files are now. Throws BadInputError when one is gone. */
export function tlsConfigOf({ tls }: TemporalSecurity): TLSConfig | false {
  if (tls === undefined) return false;
  const { ca, cert, key } = readTls(tls);
  return {
    ...(tls.serverName === undefined ? {} : { serverNameOverride: tls.serverName }),
    ...(ca === undefined ? {} : { serverRootCACertificate: Buffer.from(ca) }),
    ...(cert === undefined || key === undefined
      ? {}
      : { clientCertPair: { crt: Buffer.from(cert), key: Buffer.from(key) } }),
  };
}

/** For commands. Reads the API key again for every call. Throws UnreachableError. */
export async function connectTemporal(
  address: string,
  security: TemporalSecurity = {},
): Promise<Connection> {
  const { Connection } = await import('@temporalio/client');
  const { apiKey } = security;
  try {
    return await Connection.connect({
      address,
      connectTimeout: connectWithinMs,
      tls: tlsConfigOf(security),
      ...(apiKey === undefined ? {} : { apiKey: () => apiKey.read() }),
    });
  } catch (cause) {
    throw await unreachable(address, security, cause);
  }
}

/** The error of a connection that did not come up, with the reason as far as it can be seen from outside. */
export async function unreachable(
  address: string,
  security: TemporalSecurity,
  cause: unknown,
): Promise<unknown> {
  if (cause instanceof Error && cause.name === 'BadInputError') return cause;
  const problem = refusalOf(address, security, cause) ?? (await tlsProblem(address, security));
  if (problem !== undefined) {
    const found = `TEMPORAL_ADDRESS: ${problem.found}`;
    return new UnreachableError('temporal', found, cause, problem.mend);
  }
  return new UnreachableError(
    'temporal',
    `Temporal does not answer at ${address} (TEMPORAL_ADDRESS): is it running, and is the address right?`,
    cause,
  );
}

const grpc = { permissionDenied: 7, unauthenticated: 16 } as const;

/** The server answered, and wants nothing of us. Undefined for every other error. */
export function refusalOf(
  address: string,
  { tls, apiKey }: TemporalSecurity,
  error: unknown,
): Problem | undefined {
  const code = codeOf(error);
  if (code !== grpc.permissionDenied && code !== grpc.unauthenticated) return undefined;
  const word = code === grpc.unauthenticated ? 'Unauthenticated' : 'PermissionDenied';
  if (apiKey !== undefined) {
    return {
      found: `Temporal at ${address} rejects the API key (${word})`,
      mend: `look whether the key in ${apiKey.from} has expired or was revoked, and whether it is for this namespace`,
    };
  }
  const certificate =
    tls?.certFile === undefined
      ? ''
      : ', or does not know the certificate in TEMPORAL_TLS_CERT_FILE';
  return {
    found: `Temporal at ${address} wants to know who we are${certificate} (${word})`,
    mend: 'name a file with an API key in TEMPORAL_API_KEY_FILE, or a client certificate in TEMPORAL_TLS_CERT_FILE and TEMPORAL_TLS_KEY_FILE',
  };
}

/** gRPC status of an error or of what caused it; the connection of a worker says it in words only. */
function codeOf(error: unknown): number | undefined {
  for (let one = error, depth = 0; one instanceof Error && depth < 4; one = one.cause, depth += 1) {
    const { code } = one as { code?: unknown };
    if (typeof code === 'number') return code;
    if (/\bUnauthenticated\b|valid authentication credentials/.test(one.message))
      return grpc.unauthenticated;
    if (/\bPermissionDenied\b|not have permission/.test(one.message)) return grpc.permissionDenied;
  }
  return undefined;
}

async function tlsProblem(
  address: string,
  { tls }: TemporalSecurity,
): Promise<Problem | undefined> {
  const settings = tls ?? ({ prefix: 'TEMPORAL_TLS' } as const);
  const seen = await lookAtTls(lookOf(address, 'TEMPORAL_ADDRESS', settings, ['h2']));
  if (tls !== undefined && seen.kind === 'wrong') return seen.problem;
  if (tls !== undefined && seen.kind === 'plain') {
    return {
      found: `TEMPORAL_TLS is true, and ${address} speaks no TLS`,
      mend: 'name the port that does in TEMPORAL_ADDRESS, or remove TEMPORAL_TLS',
    };
  }
  if (tls === undefined && (seen.kind === 'trusted' || seen.kind === 'wrong')) {
    return {
      found: `${address} speaks TLS, and TEMPORAL_TLS is not set`,
      mend: 'set TEMPORAL_TLS=true, and TEMPORAL_TLS_CA_FILE unless a public authority issued its certificate',
    };
  }
  return undefined;
}

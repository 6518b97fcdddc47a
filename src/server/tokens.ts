// Session tokens: signed by the directory, verified by every instance by itself. Owns their claims;
// never asks the directory, never logs a token.

import { createLocalJWKSet, errors, importJWK, jwtVerify, SignJWT, type JWK } from 'jose';
import { partitionOf } from '../core/murmur2.js';
import { sessionTokenMs } from '../limits.js';
import type { ClientIdentity } from '../instance/api.js';
import { FrameError, isId } from './frames.js';
import type { KeySet } from './key-set.js';
import { sessionTimeMs } from './session-ids.js';

const issuer = 'evenkeel';
/** Clocks of directory and instances may differ this much. */
const clockToleranceSeconds = 5;

export interface TokenClaims {
  readonly service: string;
  readonly user: string;
  readonly client: string;
  readonly session: string;
  readonly partition: number;
}

export type SignToken = (
  claims: TokenClaims,
  nowMs: number,
) => Promise<{ readonly token: string; readonly expiresAtMs: number }>;

/** Signs with a private Ed25519 JWK that has a `kid`. */
export async function tokenSigner(signingJwk: JWK): Promise<SignToken> {
  const key = await importJWK(signingJwk, 'EdDSA');
  const header = {
    alg: 'EdDSA',
    typ: 'JWT',
    ...(signingJwk.kid === undefined ? {} : { kid: signingJwk.kid }),
  };
  return async (claims, nowMs) => {
    const issuedAt = Math.floor(nowMs / 1000);
    const expires = issuedAt + sessionTokenMs / 1000;
    const token = await new SignJWT({
      client: claims.client,
      sid: claims.session,
      p: claims.partition,
    })
      .setProtectedHeader(header)
      .setIssuer(issuer)
      .setAudience(claims.service)
      .setSubject(claims.user)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expires)
      .sign(key);
    return { token, expiresAtMs: expires * 1000 };
  };
}

export type VerifyToken = (token: string, nowMs: number) => Promise<ClientIdentity>;

/**
 * Verifies against the public keys that are listed at that moment: `kid` says which, so two are valid
 * while keys are rotated, and one that is listed no more is revoked. Throws FrameError `expired` or
 * `bad-token`.
 */
export function tokenVerifier(options: {
  readonly jwks: KeySet | (() => KeySet);
  readonly service: string;
  readonly partitions: number;
}): VerifyToken {
  const { service, partitions } = options;
  const { jwks } = options;
  const listed = typeof jwks === 'function' ? jwks : () => jwks;
  let from: KeySet | undefined;
  let keys = createLocalJWKSet({ keys: [] });
  return async (token, nowMs) => {
    if (from !== listed()) {
      from = listed();
      keys = createLocalJWKSet({ keys: [...from.keys] });
    }
    let payload;
    try {
      ({ payload } = await jwtVerify(token, keys, {
        issuer,
        audience: service,
        algorithms: ['EdDSA', 'Ed25519'],
        requiredClaims: ['sub', 'iat', 'exp'],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(nowMs),
      }));
    } catch (error) {
      if (error instanceof errors.JWTExpired) {
        throw new FrameError(
          'expired',
          'the token has expired; ask the directory for a new session',
        );
      }
      throw new FrameError('bad-token', reasonOf(error));
    }
    const { sub: user, client, sid: session, p: partition, iat } = payload;
    if (!isId(user) || !isId(client) || !isId(session)) {
      throw new FrameError('bad-token', 'the token lacks one of sub, client and sid');
    }
    const right = partitionOf(user, partitions);
    if (partition !== right) {
      throw new FrameError('bad-token', `the token's partition is not that of its user, ${right}`);
    }
    const sessionAtMs = sessionTimeMs(session) ?? (iat ?? 0) * 1000;
    return { partition: right, user, client, session, sessionAtMs };
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed) {
    return `the token's claim ${error.claim} is wrong`;
  }
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'the token does not name its key';
  if (error instanceof errors.JWKSNoMatchingKey) return 'no key of this service signed the token';
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return "the token's signature is wrong";
  return 'the token is not a valid JWT';
}

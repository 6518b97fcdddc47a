// The key pair of a directory: made once, the private half given to the directory, the public half
// to every instance. For demo, tests and first set-ups; never stores or logs a key.

import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { randomBytes } from 'node:crypto';

export interface DirectoryKeys {
  /** `EVENKEEL_SIGNING_JWK`: private. */
  readonly signingJwk: JWK;
  /** `EVENKEEL_JWKS`: public. */
  readonly jwks: { readonly keys: readonly JWK[] };
}

/** A new Ed25519 pair with a random `kid`. */
export async function generateKeys(): Promise<DirectoryKeys> {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', {
    crv: 'Ed25519',
    extractable: true,
  });
  const named = { kid: randomBytes(6).toString('hex'), alg: 'EdDSA', use: 'sig' };
  return {
    signingJwk: { ...(await exportJWK(privateKey)), ...named },
    jwks: { keys: [{ ...(await exportJWK(publicKey)), ...named }] },
  };
}

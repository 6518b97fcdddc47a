// How MongoDB is spoken to: the URI, which holds user and password, and whose certificates are trusted.
// Read from the environment and checked here; applied by src/adapters/mongo/connection.ts and nowhere else.

import { secretOf, readText, type Secret } from './secret.js';
import { requireCertificate } from './tls.js';
import { refused, valueOf, type Environment } from './variables.js';

export interface MongoAccess {
  readonly uri: Secret;
  /** The only authorities that are trusted; TLS is on when it is set. */
  readonly caFile?: string | undefined;
}

const scheme = /^mongodb(\+srv)?:\/\//;
const tlsOff = /[?&](tls|ssl)=false\b/i;

/** Undefined when nothing says where MongoDB is. Throws BadInputError with one sentence. */
export function readMongoAccess(env: Environment): MongoAccess | undefined {
  const uri = secretOf(env, 'MONGODB_URI');
  const caFile = valueOf(env, 'MONGODB_TLS_CA_FILE');
  if (caFile !== undefined) {
    const pem = readText('MONGODB_TLS_CA_FILE', caFile);
    requireCertificate('MONGODB_TLS_CA_FILE', caFile, pem);
  }
  if (uri === undefined) return undefined;
  const text = uri.read();
  const name = valueOf(env, 'MONGODB_URI') === undefined ? 'MONGODB_URI_FILE' : 'MONGODB_URI';
  if (!scheme.test(text)) throw refused(name, 'is not usable', `a URI is ${uriShape}`);
  if (caFile !== undefined && tlsOff.test(text)) {
    throw refused(
      'MONGODB_TLS_CA_FILE',
      'is set, but the URI says tls=false, so nothing would be encrypted',
      'remove one of them',
    );
  }
  return { uri, caFile };
}

const uriShape = 'mongodb://host:port or mongodb+srv://host';

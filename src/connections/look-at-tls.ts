// Looks at the TLS of one address, after a connection failed or when doctor asks: says what is wrong with
// the certificates, whose they are, and what to do. Sends nothing but the greeting.

import { isIP } from 'node:net';
import tls, { type PeerCertificate, type TLSSocket } from 'node:tls';
import { connectTimeoutMs } from '../limits.js';
import { splitAddress } from './address.js';
import { readTls, type TlsMaterial, type TlsSettings } from './tls.js';

/** Something wrong with a connection, and what to do about it; each one sentence without its full stop. */
export interface Problem {
  readonly found: string;
  readonly mend: string;
}

export type TlsSeen =
  /** `validToMs`: when the server's certificate ends. */
  | { readonly kind: 'trusted'; readonly validToMs: number }
  | { readonly kind: 'wrong'; readonly problem: Problem }
  /** It answers, but not with TLS. */
  | { readonly kind: 'plain' }
  /** Nothing answers at all, or in time. */
  | { readonly kind: 'silent' };

/** How a connection is secured, and what the variables are called that say so. */
export interface TlsLook {
  /** `host:port` */
  readonly address: string;
  /** The variable that names the address. */
  readonly addressVariable: string;
  readonly caVariable: string;
  readonly caFile?: string | undefined;
  readonly clientVariables?: string | undefined;
  readonly serverName?: string | undefined;
  readonly serverNameVariable?: string | undefined;
  readonly material: TlsMaterial;
  /** Protocols of ALPN; gRPC wants `h2`. */
  readonly alpn?: readonly string[];
}

/** A server of TLS 1.3 refuses a client's certificate only after the handshake. */
const refusalWithinMs = 400;
/** Twice, because a server far away takes a round trip more than a TCP connection does. */
const handshakeWithinMs = 2 * connectTimeoutMs;

export async function lookAtTls(look: TlsLook): Promise<TlsSeen> {
  const { host, port } = splitAddress(look.address);
  const name = look.serverName ?? host;
  let socket: TLSSocket;
  try {
    socket = tls.connect({
      host,
      port,
      ...(isIP(name) ? {} : { servername: name }),
      ...look.material,
      ...(look.alpn === undefined ? {} : { ALPNProtocols: [...look.alpn] }),
      rejectUnauthorized: false, // it is looked at, and then closed
    });
  } catch {
    return { kind: 'silent' };
  }
  return new Promise((resolve) => {
    let isConnected = false;
    let isAnsweredWithTls = false;
    let fine: TlsSeen | undefined;
    let timer: NodeJS.Timeout | undefined;
    const done = (seen: TlsSeen) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(seen);
    };
    const wrong = (problem: Problem) => done({ kind: 'wrong', problem });
    /** Without a word: servers that do not like a certificate may do that, and those that know no TLS. */
    const ended = () => {
      if (look.material.cert !== undefined && isAnsweredWithTls) {
        return wrong(clientRefused('closed', look));
      }
      done(fine ?? { kind: 'plain' });
    };
    // Who takes a connection and says nothing to a greeting waits for another protocol.
    const late = () => done({ kind: isConnected && !isAnsweredWithTls ? 'plain' : 'silent' });
    timer = setTimeout(late, handshakeWithinMs);
    socket.once('connect', () => (isConnected = true));
    // Material for the keys: there is some as soon as the server has greeted.
    socket.once('keylog', () => (isAnsweredWithTls = true));
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      const certificate = socket.getPeerCertificate();
      // A code, whatever the types say.
      const code = socket.authorizationError as unknown as string | null | undefined;
      if (code) return wrong(untrusted(code, certificate, look, name));
      const trusted: TlsSeen = { kind: 'trusted', validToMs: Date.parse(certificate.valid_to) };
      fine = trusted;
      timer = setTimeout(() => done(trusted), refusalWithinMs);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? '';
      const alert = /^ERR_SSL_.*ALERT/.test(code);
      if (alert) return wrong(clientRefused(code, look));
      const isAway = /^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ETIMEDOUT)$/;
      if (isAway.test(code)) return done({ kind: 'silent' });
      if (code === 'ECONNRESET') return ended();
      done({ kind: 'plain' });
    });
    socket.once('close', ended);
  });
}

const day = (text: string): string => new Date(text).toISOString().slice(0, 10);

function untrusted(code: string, cert: PeerCertificate, look: TlsLook, name: string): Problem {
  const { address, caVariable, caFile, addressVariable, serverNameVariable } = look;
  const whose = `the certificate of ${address}`;
  const trusted = caFile === undefined ? 'this machine trusts' : `${caFile} holds`;
  const issuer = nameOf(cert.issuer);
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return {
        found:
          Date.parse(cert.valid_to) < Date.now()
            ? `${whose} expired on ${day(cert.valid_to)}`
            : `the certificate of the authority behind ${address} (${issuer}) has expired`,
        mend: 'renew it on the server; if it is still valid, the clock of this machine is wrong',
      };
    case 'CERT_NOT_YET_VALID':
      return {
        found: `${whose} is valid only from ${day(cert.valid_from)} on`,
        mend: 'look at the clock of this machine, then at the certificate',
      };
    case 'ERR_TLS_CERT_ALTNAME_INVALID': {
      const names = namesOf(cert);
      const say =
        serverNameVariable === undefined
          ? ''
          : `, or set ${serverNameVariable}=${firstDnsName(cert) ?? 'NAME'} if that is the server you mean`;
      return {
        found: `${whose} is for ${names}, not for ${name}`,
        mend: `name the server in ${addressVariable} as its certificate does${say}`,
      };
    }
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return {
        found: `${whose} is self-signed, and none that ${trusted}`,
        mend: `if the server is yours, name a file with that certificate in ${caVariable}`,
      };
    default:
      return {
        found: `${whose} was issued by ${issuer}, and that is no authority that ${trusted} (${code})`,
        mend: `name a file with the certificate of that authority in ${caVariable}`,
      };
  }
}

/** The server ended the connection because of who we are. */
function clientRefused(code: string, look: TlsLook): Problem {
  const { address, clientVariables, material } = look;
  const alert = code === 'closed' ? 'it closed the connection' : code.replace(/^ERR_SSL_/, '');
  const variables = clientVariables ?? 'tlsCertificateKeyFile in the URI';
  if (material.cert === undefined) {
    return {
      found: `${address} wants a certificate of the client (${alert})`,
      mend: `name one and its key in ${variables}`,
    };
  }
  return {
    found: `${address} does not accept the certificate of this client (${alert})`,
    mend: `name one that is valid and issued by an authority that the server trusts in ${variables}`,
  };
}

/** Common name of an issuer or subject, or its organisation. */
function nameOf(name: PeerCertificate['issuer'] | undefined): string {
  const text: unknown = name?.CN ?? name?.O;
  return typeof text === 'string' ? `"${text}"` : 'somebody without a name';
}

const shownNamesMax = 4;

function namesOf(cert: PeerCertificate): string {
  const names = (cert.subjectaltname ?? '').split(', ').map((one) => one.replace(/^[^:]*:/, ''));
  const known = names.filter((one) => one !== '');
  if (known.length === 0) return nameOf(cert.subject);
  const more = known.length - shownNamesMax;
  return known.slice(0, shownNamesMax).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function firstDnsName(cert: PeerCertificate): string | undefined {
  return /DNS:([^,*]+)/.exec(cert.subjectaltname ?? '')?.[1];
}

/** Of the settings of Kafka or Temporal. Throws BadInputError when a file is gone. */
export function lookOf(
  address: string,
  addressVariable: string,
  settings: TlsSettings,
  alpn?: readonly string[],
): TlsLook {
  const { prefix, caFile, serverName } = settings;
  return {
    address,
    addressVariable,
    caVariable: `${prefix}_CA_FILE`,
    caFile,
    clientVariables: `${prefix}_CERT_FILE and ${prefix}_KEY_FILE`,
    serverName,
    serverNameVariable: `${prefix}_SERVER_NAME`,
    material: readTls(settings),
    ...(alpn === undefined ? {} : { alpn }),
  };
}

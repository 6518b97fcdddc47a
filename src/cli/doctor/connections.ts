// Owns: what doctor says of the ways to Kafka, Temporal, MongoDB and Prometheus: how each is secured, whether its
// certificate is trusted and until when. Sends only the greeting of TLS; logins are tried by what
// doctor asks afterwards. Never shows a secret.

import { isThisMachine } from '../../connections/address.js';
import {
  describeKafka,
  describePrometheus,
  describeTemporal,
  ownCertificateEndsMs,
} from '../../connections/describe.js';
import { lookAtTls, lookOf, type TlsSeen } from '../../connections/look-at-tls.js';
import type { MongoAccess } from '../../connections/mongo.js';
import type { TlsSettings } from '../../connections/tls.js';
import { BadInputError } from '../../errors.js';
import type { ConnectionQuestions } from '../context.js';
import { fault, ok, warning, type Finding } from './finding.js';

/** A certificate that ends within this is worth a word. */
const endsSoonMs = 14 * 24 * 3_600_000;
const documents = 'docs/secure-connections.md says how to secure it';

/** One finding for each that has an address, and more for its certificates. Never rejects. */
export async function checkConnections(
  questions: ConnectionQuestions,
  nowMs: number,
): Promise<readonly Finding[]> {
  const looks = [
    () => kafkaFindings(questions, nowMs),
    () => temporalFindings(questions, nowMs),
    () => mongoFindings(questions),
    () => prometheusFindings(questions, nowMs),
  ];
  const found = await Promise.all(looks.map((look) => look().catch(refusedSettings)));
  return found.flat();
}

async function kafkaFindings({ kafka }: ConnectionQuestions, nowMs: number) {
  const wanted = await kafka();
  if (wanted === undefined) return [];
  const { brokers, security } = wanted;
  const check = 'kafka-connection';
  const { tls } = security;
  const told = toldOf(check, brokers, tls !== undefined, describeKafka(security));
  if (tls === undefined) return [told];
  const seen = await Promise.all(
    brokers.map((broker) => lookAtTls(lookOf(broker, 'KAFKA_BROKERS', tls))),
  );
  return [told, ...certificates(check, { tls, seen, addresses: brokers, nowMs })];
}

async function temporalFindings({ temporal }: ConnectionQuestions, nowMs: number) {
  const wanted = await temporal();
  if (wanted === undefined) return [];
  const { address, security } = wanted;
  const check = 'temporal-connection';
  const { tls } = security;
  const told = toldOf(check, [address], tls !== undefined, describeTemporal(security));
  if (tls === undefined) return [told];
  const seen = [await lookAtTls(lookOf(address, 'TEMPORAL_ADDRESS', tls, ['h2']))];
  return [told, ...certificates(check, { tls, seen, addresses: [address], nowMs })];
}

/** The rest is the driver's: what it cannot do is told where ConfigDB is asked. */
async function mongoFindings({ mongo }: ConnectionQuestions) {
  const wanted = await mongo();
  if (wanted === undefined) return [];
  return [mongoFinding(wanted)];
}

async function prometheusFindings({ prometheus }: ConnectionQuestions, nowMs: number) {
  const access = await prometheus();
  if (access === undefined) return [];
  const { hostname, port, protocol } = new URL(access.url);
  const isTls = protocol === 'https:';
  const address = `${hostname}:${port || (isTls ? '443' : '80')}`;
  const check = 'prometheus-connection';
  const told = toldOf(check, [address], isTls, describePrometheus(access));
  const { tls } = access;
  if (!isTls || tls === undefined) return [told];
  const seen = [await lookAtTls(lookOf(address, 'PROMETHEUS_URL', tls))];
  return [told, ...certificates(check, { tls, seen, addresses: [address], nowMs })];
}

function mongoFinding({ uri, caFile }: MongoAccess): Finding {
  const text = uri.read();
  const { hosts, user, isSecured } = partsOf(text, caFile !== undefined);
  const trust = caFile ?? 'the public authorities, or what the URI says';
  const login = user === undefined ? 'no user' : `user ${user}`;
  const how = isSecured ? `TLS that trusts ${trust}, ${login}` : `no TLS, ${login}`;
  return toldOf('mongodb-connection', hosts, isSecured, `${how}, URI from ${uri.from}`);
}

/** Of a URI, without its password. */
export function partsOf(uri: string, hasCa: boolean) {
  const [, srv, login, hosts = '', options = ''] =
    /^mongodb(\+srv)?:\/\/(?:([^/@]*)@)?([^/?]*)[^?]*\??(.*)$/.exec(uri) ?? [];
  const said = /(?:^|&)(?:tls|ssl)=(true|false)/i.exec(options)?.[1]?.toLowerCase();
  return {
    hosts: hosts.split(','),
    user: login?.split(':')[0],
    isSecured: hasCa || (said === undefined ? srv !== undefined : said === 'true'),
  };
}

function toldOf(
  check: string,
  addresses: readonly string[],
  isSecured: boolean,
  how: string,
): Finding {
  const text = `${addresses.join(',')}: ${how}`;
  const isNear = addresses.every((address) =>
    isThisMachine(/:\d+$/.test(address) ? address : `${address}:0`),
  );
  return isSecured || isNear ? ok(check, text) : warning(check, text, documents);
}

function certificates(
  check: string,
  about: {
    readonly tls: TlsSettings;
    readonly seen: readonly TlsSeen[];
    readonly addresses: readonly string[];
    readonly nowMs: number;
  },
): Finding[] {
  const { tls, seen, addresses, nowMs } = about;
  const findings = seen.flatMap((one, index): Finding[] => {
    const address = addresses[index] ?? '';
    if (one.kind === 'wrong') return [fault(check, one.problem.found, one.problem.mend)];
    if (one.kind === 'plain') {
      const mend = `name the port that does, or remove ${tls.prefix}`;
      return [fault(check, `${tls.prefix} is true, and ${address} speaks no TLS`, mend)];
    }
    // What does not answer is told where it is asked.
    if (one.kind === 'silent' || one.validToMs - nowMs > endsSoonMs) return [];
    const found = `the certificate of ${address} ends on ${day(one.validToMs)}`;
    return [warning(check, found, 'renew it on the server')];
  });
  const endsMs = ownCertificateEndsMs(tls);
  if (endsMs === undefined || endsMs - nowMs > endsSoonMs) return findings;
  const name = `${tls.prefix}_CERT_FILE`;
  const what = `the certificate of this client (${tls.certFile}) `;
  return [
    ...findings,
    endsMs <= nowMs
      ? fault(check, `${what}expired on ${day(endsMs)}`, `put a valid one and its key in ${name}`)
      : warning(
          check,
          `${what}ends on ${day(endsMs)}`,
          `renew it: the file of ${name} is read again`,
        ),
  ];
}

const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

function refusedSettings(error: unknown): Finding[] {
  if (!(error instanceof BadInputError)) throw error;
  return [fault('connections', error.message, 'see docs/secure-connections.md')];
}

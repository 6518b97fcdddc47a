// X.509 certificates for tests, made here with any dates and names: DER written by hand, keys of P-256.
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

export interface Certificate {
  /** PEM */
  readonly cert: string;
  /** PEM, PKCS #8 */
  readonly key: string;
}

export interface Authority extends Certificate {
  readonly issue: (wish: CertificateWish) => Certificate;
}

export interface CertificateWish {
  readonly name: string;
  readonly dns?: readonly string[];
  readonly ips?: readonly string[];
  /** From now on; negative is past. */
  readonly fromDays?: number;
  readonly toDays?: number;
}

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), content]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), content]);
};
const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const integer = (bytes: Buffer) => der(0x02, bytes);
const bits = (bytes: Buffer) => der(0x03, Buffer.from([0]), bytes);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const yes = der(0x01, Buffer.from([0xff]));

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const nameOf = (text: string) =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(text)))));
const time = (days: number) => {
  const at = new Date(Date.now() + days * 86_400_000).toISOString();
  return der(0x18, Buffer.from(`${at.replace(/\D/g, '').slice(0, 14)}Z`));
};
const extension = (id: string, content: Buffer, critical = false) =>
  sequence(oid(id), ...(critical ? [yes] : []), der(0x04, content));

/** A self-signed certificate that may issue others. */
export function makeAuthority(name: string): Authority {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const own = certificate({ name }, pair.publicKey, { name, key: pair.privateKey }, true);
  return {
    cert: own,
    key: keyPem(pair.privateKey),
    issue: (wish) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const issuer = { name, key: pair.privateKey };
      return { cert: certificate(wish, publicKey, issuer, false), key: keyPem(privateKey) };
    },
  };
}

/** For nobody but itself: no authority stands behind it. */
export function makeSelfSigned(wish: CertificateWish): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name: wish.name, key: privateKey };
  return { cert: certificate(wish, publicKey, issuer, false), key: keyPem(privateKey) };
}

const keyPem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }) as string;

function certificate(
  { name, dns = [], ips = [], fromDays = -1, toDays = 30 }: CertificateWish,
  publicKey: KeyObject,
  issuer: { readonly name: string; readonly key: KeyObject },
  isAuthority: boolean,
): string {
  const names = [
    ...dns.map((one) => der(0x82, Buffer.from(one))),
    ...ips.map((one) => der(0x87, Buffer.from(one.split('.').map(Number)))),
  ];
  const extensions = [
    extension('551d13', sequence(...(isAuthority ? [yes] : [])), true),
    ...(names.length === 0 ? [] : [extension('551d11', sequence(...names))]),
  ];
  const serial = randomBytes(8);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40; // positive, and no shorter
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ecdsaWithSha256,
    nameOf(issuer.name),
    sequence(time(fromDays), time(toDays)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer.key);
  const base64 = sequence(body, ecdsaWithSha256, bits(signature)).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

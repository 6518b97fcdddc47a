// Addresses as `host:port`, and whether one is this machine. Never resolves a name.

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `[::1]:9092` too; a port that is none is 0. */
export function splitAddress(address: string): Address {
  const split = address.lastIndexOf(':');
  const host = address.slice(0, split).replace(/^\[|\]$/g, '');
  return { host, port: Number(address.slice(split + 1)) || 0 };
}

/** What is sent there passes no network. */
export function isThisMachine(address: string): boolean {
  const { host } = splitAddress(address);
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

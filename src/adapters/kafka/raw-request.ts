// Sends a request that kafkajs does not know, or whose answer it does not decode as we need it, over a
// connection of kafkajs. Knows kafkajs 2.2.4 inside, so that nobody else has to; encodes nothing itself.

import type { Broker } from 'kafkajs';

export interface RawRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  readonly body: Buffer;
  /** When the answer may take longer than usual. */
  readonly timeoutMs?: number;
}

/** What kafkajs has at run time and leaves out of its types. */
interface SendingBroker extends Broker {
  readonly connectionPool: {
    send<T>(request: {
      readonly request: Pick<RawRequest, 'apiKey' | 'apiVersion' | 'apiName'> & {
        /** kafkajs takes what looks like its encoder. */
        encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
      };
      readonly response: { decode(payload: Buffer): Promise<T>; parse(decoded: T): Promise<T> };
      readonly requestTimeout: number | null;
    }): Promise<T>;
  };
}

/** `decode` may throw. Of its answer kafkajs obeys `clientSideThrottleTime`. */
export function sendRaw<T extends { readonly clientSideThrottleTime: number }>(
  broker: Broker,
  { apiKey, apiVersion, apiName, body, timeoutMs }: RawRequest,
  decode: (payload: Buffer) => T,
): Promise<T> {
  return (broker as SendingBroker).connectionPool.send<T>({
    request: {
      apiKey,
      apiVersion,
      apiName,
      encode: async () => ({ buf: body, buffer: body }),
    },
    response: { decode: async (payload) => decode(payload), parse: async (decoded) => decoded },
    requestTimeout: timeoutMs ?? null,
  });
}

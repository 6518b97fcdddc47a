// One connection to the cluster that comes back: made on demand, thrown away at the first error
// that is not about a single partition, made anew. Retries of idempotent questions live here, with
// one bound over all of them. Never used for writing.

import type { Cluster } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BadInputError, UnreachableError } from '../../errors.js';
import {
  kafkaOperationMs,
  kafkaRequestMs,
  readerRetryMaxMs,
  readerRetryMinMs,
} from '../../limits.js';
import { ClosedError } from '../bus-errors.js';
import {
  connectCluster,
  createClient,
  messageOf,
  type KafkaAddress,
  type KafkaClient,
} from './client.js';

/** A connected cluster and the way to end it. */
export interface Connection {
  readonly cluster: Cluster;
  readonly client: KafkaClient;
}

/** `attempt` turns the list of brokers, so that a dead first one costs one attempt only. */
export async function connect(address: KafkaAddress, attempt: number): Promise<Connection> {
  const turn = attempt % address.brokers.length;
  const brokers = [...address.brokers.slice(turn), ...address.brokers.slice(0, turn)];
  const client = createClient({ ...address, brokers }, kafkaRequestMs);
  try {
    return { client, cluster: await connectCluster(client) };
  } catch (error) {
    client.kill();
    throw error;
  }
}

/** Pause before attempt n: doubling from readerRetryMinMs to readerRetryMaxMs. */
export function retryPauseMs(attempt: number): number {
  return Math.min(readerRetryMaxMs, readerRetryMinMs * 2 ** Math.min(attempt, 10));
}

/** Ends a promise that may never end; what it was waiting for must be ended by the caller. */
export function within<T>(work: Promise<T>, waitMs: number, late: () => Error): Promise<T> {
  // A plain timer: this is done for every append, and an abort signal costs ten times as much.
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), waitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export interface Link {
  /**
   * Asks, again after an error, up to `kafkaOperationMs` in all; throws UnreachableError with the last
   * cause, and at once what the question finds wrong with itself (BadInputError).
   */
  ask<T>(what: string, question: (cluster: Cluster) => Promise<T>): Promise<T>;
  close(): void;
}

export function createLink(address: KafkaAddress): Link {
  let current: Promise<Connection> | undefined;
  let closed = false;
  let attempts = 0;

  const drop = (failed: Promise<Connection> | undefined) => {
    if (failed !== current) return;
    current = undefined;
    failed?.then(
      ({ client }) => client.kill(),
      () => undefined,
    );
  };

  return {
    async ask(what, question) {
      const started = performance.now();
      const leftMs = () => kafkaOperationMs - (performance.now() - started);
      for (let attempt = 0; ; attempt += 1) {
        if (closed) throw new ClosedError('the bus');
        const used = (current ??= connect(address, attempts++));
        try {
          const asked = used.then(({ cluster }) => question(cluster));
          return await within(asked, Math.max(1, leftMs()), () => new Error('no answer in time'));
        } catch (error) {
          if (error instanceof BadInputError) throw error;
          drop(used);
          if (closed) throw new ClosedError('the bus');
          if (leftMs() <= retryPauseMs(attempt)) {
            throw new UnreachableError(
              'Kafka',
              `Kafka at ${address.brokers.join(',')} did not answer (${what}: ${messageOf(error)})`,
              error,
            );
          }
          await sleep(retryPauseMs(attempt));
        }
      }
    },
    close() {
      closed = true;
      drop(current);
    },
  };
}

// The names of things in a simulated world.

import { evidencePartitions } from '../../limits.js';
import { instanceName } from '../../core/records.js';

export const service = 'sim';

export const topics = {
  messages: `${service}.messages`,
  control: `${service}.control`,
  ownership: `${service}.ownership`,
  sessions: `${service}.sessions`,
  leases: `${service}.leases`,
} as const;

export function nameOf(ordinal: number): string {
  return instanceName(service, ordinal);
}

export function urlOf(ordinal: number): string {
  return `ws://${nameOf(ordinal)}`;
}

/** Partition of the sessions topic for a service partition, and of the leases topic for an ordinal. */
export function evidencePartitionOf(n: number): number {
  return n % evidencePartitions;
}

// What an instance answers to the three questions that Kubernetes asks. Liveness says that the event loop
// moves and nothing else: it never depends on Kafka, ConfigDB or Temporal, or a slow dependency would make
// Kubernetes kill the fleet. A fenced instance ends by itself. Owns no port.

import type { Instance } from '../instance/api.js';
import type { ProbeAnswers } from './probes.js';

export interface Joining {
  /** Null until it has joined: ownership log and control topic read to their ends, lease held. */
  readonly instance: () => Pick<Instance, 'state' | 'leaseGood'> | null;
  readonly rehearsing: () => boolean;
}

export function instanceAnswers({ instance, rehearsing }: Joining): ProbeAnswers {
  return {
    startup: () => instance() !== null || 'the instance is starting',
    live: () => true,
    // It need not hold anything: a grow waits for Ready before it prepares.
    ready: () => {
      const joined = instance();
      if (joined === null) return 'the instance is starting';
      if (joined.state() !== 'ready') return `the instance is ${joined.state()}`;
      if (!joined.leaseGood()) return 'the lease of the instance has lapsed';
      return !rehearsing() || 'the instance rehearses';
    },
  };
}

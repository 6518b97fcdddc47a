// `evenkeel/testing`: for the embedder's own tests. A cluster in one process, and the fakes that it stands
// on, which keep the laws of the real adapters (they pass the same contract suites).

export {
  simulateCluster,
  type SimulatedClientOptions,
  type SimulatedCluster,
  type SimulatedClusterOptions,
  type SimulatedMistake,
} from './simulated-cluster.js';
export { createManualClock, type ManualClock } from './manual-clock.js';
export { createMemoryBus, type MemoryBus } from '../adapters/memory/bus.js';
export { createMemoryConfigDb } from '../adapters/memory/config-db.js';
export type { Client } from '../client/client.js';

// `evenkeel/testing`: fakes for an embedder's own tests.

export { createMemoryBus } from '../adapters/memory/bus.js';
export { createMemoryConfigDb } from '../adapters/memory/config-db.js';

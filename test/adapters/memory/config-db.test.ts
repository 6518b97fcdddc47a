// The in-memory ConfigDb under the contract of every ConfigDb.

import { createMemoryConfigDb } from '../../../src/adapters/memory/config-db.js';
import { configDbContract } from '../../contract/config-db.js';

configDbContract('the ConfigDb in memory', async () => {
  const db = createMemoryConfigDb();
  return { one: db, two: db, end: async () => undefined };
});

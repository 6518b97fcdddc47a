// Owns: the indexes of ConfigDB. For speed only: correctness rests on `_id`, so whoever may not make
// them (docs/permissions.md) works without, until somebody who may has made them.

import { MongoServerError, type CollectionOptions, type Db } from 'mongodb';

const unauthorized = 13;

const indexes = {
  distributions: { service: 1, revision: -1 },
  policies: { service: 1, revision: -1 },
  epochs: { service: 1, epoch: -1 },
  plans: { service: 1, at: -1 },
  rebalances: { service: 1, at: -1 },
  decisions: { service: 1, at: -1 },
  instances: { service: 1 },
  warmed: { service: 1, rebalance: 1 },
  load: { service: 1, dayMs: -1 },
  checkpoints: { service: 1, offset: -1 },
} as const;

export async function createIndexes(
  db: Pick<Db, 'collection'>,
  concern: CollectionOptions,
): Promise<void> {
  for (const [name, keys] of Object.entries(indexes)) {
    try {
      await db.collection(name, concern).createIndex(keys);
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== unauthorized) throw error;
    }
  }
}

// Who may not make indexes.
import { MongoServerError, type Db } from 'mongodb';
import { expect, it } from 'vitest';
import { createIndexes } from '../../src/adapters/mongo/indexes.js';

function dbThatRefuses(code: number) {
  const asked: string[] = [];
  const collection = (name: string) => ({
    createIndex: async () => {
      asked.push(name);
      throw new MongoServerError({ message: 'not now', code });
    },
  });
  return { asked, db: { collection } as unknown as Pick<Db, 'collection'> };
}

it('goes on where the server says that this user may not', async () => {
  const { db, asked } = dbThatRefuses(13);
  await createIndexes(db, {});
  expect(asked).toHaveLength(10);
});

it('does not hide another refusal', async () => {
  const { db } = dbThatRefuses(86);
  await expect(createIndexes(db, {})).rejects.toThrow('not now');
});

// How refusals of a login by MongoDB are worded.
import { MongoServerError } from 'mongodb';
import { expect, it } from 'vitest';
import { asUnreachable } from '../../src/adapters/mongo/connection.js';
import { UnreachableError } from '../../src/errors.js';

const refusals: readonly [name: string, code: number, message: string, says: RegExp][] = [
  ['knows no login', 59, "no such command: 'saslStart'", /takes no user and password/],
  ['knows another password', 18, 'Authentication failed.', /check user and password/],
];
it.each(refusals)('names MONGODB_URI when the server %s', (_name, code, message, says) => {
  const refusal = new MongoServerError({ message, code });
  const error = asUnreachable(refusal, '127.0.0.1:27017', 'connect') as Error;
  expect(error).toBeInstanceOf(UnreachableError);
  expect(error.message).toContain('MONGODB_URI');
  expect(error.message).toMatch(says);
});

it('leaves the refusal of another command as it is', () => {
  const refusal = new MongoServerError({ message: "no such command: 'other'", code: 59 });
  expect(asUnreachable(refusal, '127.0.0.1:27017', 'connect')).toBe(refusal);
});

// What is shown of a program's own words holds nothing that it was told in confidence.
import { expect, it } from 'vitest';
import { withoutSecrets } from '../../src/conformance/secrets.js';

it('hides logins in addresses, tokens, and values of variables that are called secret', () => {
  const env = {
    DB_PASSWORD: 'hunter2 of old',
    API_KEY: 'abc',
    HOME: '/root',
    EMPTY_TOKEN: undefined,
  };
  const text =
    'cannot connect to mongodb://evenkeel:s3cr3t@db:27017 with hunter2 of old, token eyJhbGciOi.eyJzdWIi.c2ln, in /root as abc';
  expect(withoutSecrets(text, env)).toBe(
    'cannot connect to mongodb://…@db:27017 with …, token …, in /root as abc',
  );
});

it('hides the whole of a password that holds an @', () => {
  const text = 'mongodb://evenkeel:s3@cr3t@db:27017 is away';
  expect(withoutSecrets(text, {})).toBe('mongodb://…@db:27017 is away');
});

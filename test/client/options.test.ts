// What plain JavaScript may hand to `connect` and `send`, and what is refused at once.
import { expect, it, onTestFinished } from 'vitest';
import { connect as connectAnywhere, type ConnectOptions } from '../../src/client/client.js';
import { SessionUnavailableError, waitOf } from '../../src/client/directory.js';
import { connect } from '../../src/client/node.js';
import { eventually } from '../support/eventually.js';

function connected(options: ConnectOptions) {
  const client = connect(options);
  onTestFinished(() => client.close());
  return client;
}

class Options {
  readonly user = 'alice';
  asked = 0;
  readonly #why = 'not now';
  readonly openSocket = undefined;
  getSession(): Promise<never> {
    this.asked += 1;
    return Promise.reject(new SessionUnavailableError(this.#why, 0));
  }
}

it('options may be of a class, their functions use this, and undefined is as nothing', async () => {
  const options = new Options();
  connected(options as unknown as ConnectOptions);
  await eventually('it was asked twice', () => options.asked > 1);
});

it.each([
  ['user', { user: undefined }],
  ['user', { user: '' }],
  ['client', { client: 5 }],
  ['getSession', { getSession: 5 }],
  ['onState', { onState: 'yes' }],
])('%s that is none is refused', (name, wrong) => {
  const options = { user: 'alice', directoryUrl: 'http://127.0.0.1:1', ...wrong };
  expect(() => connect(options as unknown as ConnectOptions)).toThrow(
    new RegExp(`^connect: ${name} is .*; give `),
  );
});

it('no options at all are said to be none', () => {
  expect(() => connect(undefined as never)).toThrow('connect: its argument is undefined; give');
});

it('a directoryUrl may be a URL', async () => {
  const troubles: string[] = [];
  connected({
    user: 'alice',
    directoryUrl: new URL('http://127.0.0.1:1') as unknown as string,
    onTrouble: ({ message }) => void troubles.push(message),
  });
  await eventually('it was asked', () => troubles.length > 0);
  expect(troubles[0]).toMatch(/does not answer: fetch failed/);
});

it('a send without two texts is refused by itself, and the next one is queued', async () => {
  const client = connected({ user: 'alice', getSession: () => new Promise(() => undefined) });
  const wrong = client.send('bob', 5n as unknown as string);
  await expect(wrong).rejects.toThrow('send: body is 5; give a text');
  await expect(client.send(undefined as never, 'x')).rejects.toThrow('send: to is undefined; give');
});

it.each([
  [Number.NaN, null],
  ['soon', null],
  [null, null],
  [Infinity, 3_600_000],
  [3e9, 3_600_000],
  [-5, 0],
  [2_000, 2_000],
])('a wish to be left alone for %s ms means %s', (wish, means) => {
  expect(waitOf(new SessionUnavailableError('later', wish as number))).toBe(means);
});

it('tokens of before, keys and line ends are in no message', async () => {
  const troubles: string[] = [];
  let asked = 0;
  const client = connectAnywhere({
    user: 'alice',
    getSession: async () => {
      asked += 1;
      if (asked > 3) throw new Error('bad token-number-1\nand a line of its own');
      return Promise.resolve({ url: '::::pa55w', token: `token-number-${asked}`, instance: 'a' });
    },
    openSocket: (url) => {
      throw new Error(`Invalid URL: ${url} token-number-1`);
    },
    onTrouble: ({ message, retryInMs }) => {
      troubles.push(message);
      expect(Number.isInteger(retryInMs)).toBe(true);
    },
  });
  onTestFinished(() => client.close());
  await eventually('all are told', () => troubles.some((said) => said.includes('of its own')));
  expect(troubles.join('\n')).not.toMatch(/token-number|pa55w/);
  for (const said of troubles) expect(said).not.toContain('\n');
});

it('whatever is thrown is told', async () => {
  const thrown: unknown[] = [
    Object.create(null),
    Object.assign(new Error(), { message: Symbol('x') }),
  ];
  const troubles: string[] = [];
  connected({
    user: 'alice',
    getSession: () => {
      throw thrown[troubles.length % thrown.length];
    },
    onTrouble: ({ message }) => void troubles.push(message),
  });
  await eventually('both are told', () => troubles.length > 1);
});

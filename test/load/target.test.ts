import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { findTarget } from '../../src/load/target.js';

const wish = { service: undefined, directoryUrl: undefined, directoryKey: undefined };
const answer = { service: 'chat', partitions: 360, instances: { 'chat-0': [[0, 359]] } };
let server: Server | undefined;
afterEach(() => void server?.close());

/** A directory that answers so; the address to find it at. */
async function directory(status: number, body: unknown): Promise<string> {
  const made = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  server = made;
  await new Promise<void>((resolve) => void made.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
}

const find = (env: Record<string, string>, more: object = {}, running = {}) =>
  findTarget({ ...wish, ...more }, env, () => running);

describe('the session directory', () => {
  it('is taken from the options, then the environment, then what runs here', async () => {
    const url = await directory(200, answer);
    const found = { directoryUrl: url, directoryKey: 'k', service: 'chat', instances: 1 };
    const nowhere = { EVENKEEL_DIRECTORY_URL: 'http://127.0.0.1:1', EVENKEEL_DIRECTORY_KEY: 'x' };
    const here = { EVENKEEL_DIRECTORY_URL: `${url}/`, EVENKEEL_DIRECTORY_KEY: 'k' };
    const options = { directoryUrl: url, directoryKey: 'k' };
    expect(await find(nowhere, options, nowhere)).toMatchObject(found);
    expect(await find(here, {}, nowhere)).toMatchObject(found);
    expect(await find({}, {}, here)).toMatchObject(found);
  });

  it('that nobody named is wrong use, and says how to name it', async () => {
    await expect(find({})).rejects.toMatchObject({
      name: 'BadInputError',
      field: 'EVENKEEL_DIRECTORY_URL',
      message: expect.stringContaining('--directory-url') as string,
    });
    await expect(find({ EVENKEEL_DIRECTORY_URL: 'ftp://x' })).rejects.toMatchObject({
      field: 'EVENKEEL_DIRECTORY_URL',
      found: 'ftp://x',
    });
  });

  it('of another service is refused', async () => {
    const options = { directoryUrl: await directory(200, answer), directoryKey: 'k' };
    await expect(find({}, { ...options, service: 'lobby' })).rejects.toMatchObject({
      field: '--service',
      found: 'lobby',
      allowed: 'chat',
    });
    await expect(find({}, { ...options, service: 'chat' })).resolves.toMatchObject({
      service: 'chat',
    });
  });

  it.each([
    [401, {}, { name: 'BadInputError', field: 'EVENKEEL_DIRECTORY_KEY' }],
    [404, {}, { name: 'UnreachableError' }],
    [200, { hello: 1 }, { name: 'UnreachableError' }],
    [200, null, { name: 'UnreachableError' }],
  ])('that answers %d %j is refused with a sentence', async (status, body, error) => {
    const options = { directoryUrl: await directory(status, body), directoryKey: 'k' };
    await expect(find({}, options)).rejects.toMatchObject(error);
  });

  it('that does not answer is a failure and not wrong use', async () => {
    const options = { directoryUrl: 'http://127.0.0.1:1', directoryKey: 'k' };
    await expect(find({}, options)).rejects.toMatchObject({ name: 'UnreachableError' });
  });
});

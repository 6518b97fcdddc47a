// What a client makes of the answers of a session directory.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  askDirectory,
  SessionDeniedError,
  SessionUnavailableError,
} from '../../src/client/directory.js';

let server: Server;
let url: string;
let answer: { status: number; body: string; headers?: Record<string, string> };
let asked: { path: string | undefined; authorization: string | undefined; body: string }[];
beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push({ path: request.url, authorization: request.headers.authorization, body });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => void server.close());

const ask = () =>
  askDirectory({ directoryUrl: `${url}/`, directoryKey: 'k', user: 'alice', client: 'phone' });

it('asks with the key and hands on url, token and instance', async () => {
  answer = { status: 201, body: '{"url":"ws://a","token":"t","instance":"messaging-1","more":1}' };
  expect(await ask()).toEqual({ url: 'ws://a', token: 't', instance: 'messaging-1' });
  expect(asked).toEqual([
    { path: '/v1/sessions', authorization: 'Bearer k', body: '{"user":"alice","client":"phone"}' },
  ]);
});

it('says how long a directory without an instance wants to be left alone', async () => {
  answer = { status: 503, body: '{"error":{"message":"nobody"}}', headers: { 'retry-after': '2' } };
  await expect(ask()).rejects.toMatchObject({ retryAfterMs: 2_000 });
});

it('takes too many requests, nonsense and silence for "ask again"', async () => {
  for (const { status, body } of [
    { status: 429, body: '{}' },
    { status: 500, body: 'oops' },
    { status: 201, body: '{"url":7}' },
    { status: 201, body: 'no JSON' },
  ]) {
    answer = { status, body };
    await expect(ask(), String(status)).rejects.toBeInstanceOf(SessionUnavailableError);
  }
  server.close();
  server.closeAllConnections();
  await expect(ask()).rejects.toBeInstanceOf(SessionUnavailableError);
});

it('takes a refusal for final, in the words of the directory', async () => {
  answer = { status: 401, body: '{"error":{"message":"wrong key"}}' };
  await expect(ask()).rejects.toBeInstanceOf(SessionDeniedError);
  await expect(ask()).rejects.toThrow('401: wrong key');
});

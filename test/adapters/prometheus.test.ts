// The adapter of Prometheus before a server that answers as it is told: every way in which an answer can be
// none. What a real Prometheus says is in test/integration/adapters/prometheus.test.ts.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { partsOf, prometheusSource } from '../../src/adapters/prometheus.js';
import { pointsPerRequest, seriesMax } from '../../src/adapters/prometheus/limits.js';
import { BadInputError, UnreachableError } from '../../src/errors.js';

let server: Server;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse, form: URLSearchParams) => void;
let asked: { path: string; authorization: string | undefined; form: URLSearchParams }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const form = new URLSearchParams(body);
      asked.push({ path: request.url ?? '', authorization: request.headers.authorization, form });
      answer(request, response, form);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => (asked = []));

const json = (body: unknown, status = 200) => {
  answer = (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
};
const success = (resultType: string, result: unknown) =>
  json({ status: 'success', data: { resultType, result } });
const refusal = async (asking: Promise<unknown>): Promise<Error> => {
  const error = await asking.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
};
const instant = () => prometheusSource({ url }).instant('up');

describe('an instant query', () => {
  it('gives each series its value, the odd ones too', async () => {
    const at = 1_700_000_000.25;
    success('vector', [
      { metric: { __name__: 'up', job: 'a' }, value: [at, '1.5'] },
      { metric: { job: 'b' }, value: [at, '+Inf'] },
      { metric: { job: 'c' }, value: [at, 'NaN'] },
      { metric: { job: 'd' }, value: [at, ''] },
    ]);
    expect(await instant()).toEqual([
      { labels: { job: 'a' }, atMs: 1_700_000_000_250, value: 1.5 },
      { labels: { job: 'b' }, atMs: 1_700_000_000_250, value: Infinity },
      { labels: { job: 'c' }, atMs: 1_700_000_000_250, value: NaN },
      { labels: { job: 'd' }, atMs: 1_700_000_000_250, value: NaN },
    ]);
    expect(asked[0]?.path).toBe('/api/v1/query');
    expect(asked[0]?.form.get('query')).toBe('up');
  });

  it('takes a scalar for one series without labels', async () => {
    success('scalar', [12, '7']);
    expect(await instant()).toEqual([{ labels: {}, atMs: 12_000, value: 7 }]);
  });

  it('is asked below the path of the URL, with who we are', async () => {
    success('vector', []);
    const token = { from: 'PROMETHEUS_TOKEN', read: () => 'abc' };
    const below = { url: `${url}/prometheus`, login: { kind: 'token', token } } as const;
    await prometheusSource(below).instant('up');
    const password = { from: 'PROMETHEUS_PASSWORD', read: () => 'söcret' };
    const login = { kind: 'password', username: 'ada', password } as const;
    await prometheusSource({ url, login }).instant('up');
    expect(asked.map(({ path }) => path)).toEqual(['/prometheus/api/v1/query', '/api/v1/query']);
    expect(asked[0]?.authorization).toBe('Bearer abc');
    expect(asked[1]?.authorization).toBe(`Basic ${Buffer.from('ada:söcret').toString('base64')}`);
  });
});

describe('a query that is wrong', () => {
  it('is told with the words of Prometheus', async () => {
    json({ status: 'error', errorType: 'bad_data', error: 'parse error: unexpected\n "}"' }, 400);
    const error = await refusal(instant());
    expect(error).toBeInstanceOf(BadInputError);
    expect(error.message).toBe('Prometheus refuses the query "up": parse error: unexpected "}"');
    expect(asked.length).toBe(1);
  });

  it.each([
    ['string', [1, 'text'], 'the query "up" gives a string, not numbers of series'],
    [
      'matrix',
      [{ metric: {}, values: [[1, '1']] }],
      'the query "up" gives a matrix, not numbers of series',
    ],
    [
      'vector',
      [{ metric: {}, value: [1, 2] }],
      'the query "up" gives a vector, not numbers of series',
    ],
  ])('%s is no answer', async (type, result, sentence) => {
    success(type, result);
    expect((await refusal(instant())).message).toBe(sentence);
  });

  it('gives more series than are read', async () => {
    const one = { metric: {}, value: [1, '1'] };
    success(
      'vector',
      Array.from({ length: seriesMax + 1 }, () => one),
    );
    expect((await refusal(instant())).message).toBe(
      'the query "up" gives 10001 series; at most 10000 are read',
    );
  });
});

describe('a server that does not answer as Prometheus does', () => {
  it('is asked twice when it is busy, and then given up', async () => {
    json({ status: 'error', errorType: 'unavailable', error: 'starting' }, 503);
    const error = await refusal(instant());
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toBe('Prometheus failed to answer "up" (HTTP 503): starting');
    expect(asked.length).toBe(2);
  });

  it.each([
    ['ends the connection', (response: ServerResponse) => void response.destroy()],
    ['is asked too much', (response: ServerResponse) => void response.writeHead(429).end('slow')],
  ])('%s, and is well again at the second try', async (_what, first) => {
    answer = (_request, response) => {
      if (asked.length === 1) return first(response);
      response.end('{"status":"success","data":{"resultType":"scalar","result":[1,"5"]}}');
    };
    expect((await instant())[0]?.value).toBe(5);
  });

  it.each([
    [200, '<html>', 'is not the API of Prometheus; check the path in PROMETHEUS_URL'],
    [404, '404 page not found', 'what answers there (HTTP 404) is not the API of Prometheus'],
    [429, 'too many', 'a proxy before it, answers with an error (HTTP 429); ask it less often'],
    [502, '<html>', 'a proxy before it, answers with an error (HTTP 502); look at its log'],
    [200, '{"status":"success","data":7}', 'gives something else, not numbers of series'],
    [200, '{"status":"success"}', 'is not the API of Prometheus'],
    [302, '', 'a redirect (HTTP 302), which is not followed; set PROMETHEUS_URL to where it leads'],
    [401, '', 'refused us (HTTP 401); set PROMETHEUS_TOKEN_FILE, or PROMETHEUS_USERNAME'],
  ])('HTTP %i with %j', async (status, body, sentence) => {
    answer = (_request, response) => void response.writeHead(status).end(body);
    expect((await refusal(instant())).message).toContain(sentence);
  });

  it('names where a refused token came from, and not the token', async () => {
    answer = (_request, response) => void response.writeHead(403).end();
    const token = { from: 'PROMETHEUS_TOKEN_FILE /run/token', read: () => 'S3cret' };
    const error = await refusal(
      prometheusSource({ url, login: { kind: 'token', token } }).instant('up'),
    );
    expect(error.message).toContain('look at PROMETHEUS_TOKEN_FILE /run/token');
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('S3cret');
  });

  it('says what it was sent, and who we are is not passed on', async () => {
    answer = ({ headers }, response) =>
      void response
        .writeHead(400)
        .end(
          JSON.stringify({ status: 'error', errorType: 'bad_data', error: headers.authorization }),
        );
    const password = { from: 'PROMETHEUS_PASSWORD', read: () => 'S3cret' };
    const login = { kind: 'password', username: 'us', password } as const;
    const error = await refusal(prometheusSource({ url, login }).instant('up'));
    expect(error.message).toBe('Prometheus refuses the query "up": Basic …');
  });

  it('sends more than is read', async () => {
    answer = (_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more).on('error', () => undefined);
      more();
    };
    expect((await refusal(instant())).message).toContain('is longer than 32 MiB');
  });

  it('is not there', async () => {
    const error = await refusal(prometheusSource({ url: 'http://127.0.0.1:1' }).instant('up'));
    expect(error.message).toBe(
      'Prometheus at http://127.0.0.1:1 cannot be reached (ECONNREFUSED); check PROMETHEUS_URL, and that it runs',
    );
  });
});

describe('a range', () => {
  it('is asked for in parts on one grid, which are joined by their labels', async () => {
    answer = (_request, response, form) => {
      const [start, end] = [Number(form.get('start')), Number(form.get('end'))];
      const values = [
        [start, '1'],
        [end, '2'],
      ];
      const result = [
        { metric: { a: '1', b: '2' }, values },
        ...(asked.length === 2 ? [{ metric: { a: '9' }, values }] : []),
      ];
      const body = { status: 'success', data: { resultType: 'matrix', result } };
      response.end(JSON.stringify(body));
    };
    const window = { fromMs: 0, toMs: 15_000 * pointsPerRequest, stepMs: 15_000 };
    const series = await prometheusSource({ url }).range('x', window);
    expect(asked.map(({ form }) => [form.get('start'), form.get('end'), form.get('step')])).toEqual(
      [
        ['0', String(15 * (pointsPerRequest - 1)), '15'],
        [String(15 * pointsPerRequest), String(15 * pointsPerRequest), '15'],
      ],
    );
    expect(series.map(({ labels, points }) => [labels, points.length])).toEqual([
      [{ a: '1', b: '2' }, 4],
      [{ a: '9' }, 2],
    ]);
  });

  it('ends with the last whole step, and is not endless', () => {
    expect(partsOf({ fromMs: 500, toMs: 3_400, stepMs: 1_000 })).toEqual([
      { fromMs: 500, toMs: 2_500, stepMs: 1_000 },
    ]);
    const wrong = [
      { fromMs: 0, toMs: 1e12, stepMs: 1_000 },
      { fromMs: 1, toMs: 0, stepMs: 1_000 },
      { fromMs: 0, toMs: 1_000, stepMs: 1 },
      { fromMs: NaN, toMs: 1_000, stepMs: 1_000 },
    ];
    for (const window of wrong) expect(() => partsOf(window)).toThrow(BadInputError);
  });
});

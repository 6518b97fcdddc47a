// What a metrics' database may say, and what is made of it.
import { describe, expect, it } from 'vitest';
import { judge, oneNumber, type Expected, type Point } from '../../../src/core/telemetry/judge.js';
import { problemText } from '../../../src/core/telemetry/problems.js';
import { defaultQueries, queryOf } from '../../../src/core/telemetry/template.js';

const point = (value: number, labels: Point['labels'] = {}): Point => ({ labels, value });
const of = (instance: string, value: number): Point => point(value, { instance });
const expected: Expected = {
  members: ['chat-0', 'chat-1'],
  instanceLabel: 'instance',
  maxAgeMs: 60_000,
  reported: 1_000,
  slackShare: 0.1,
  slackClients: 10,
};
const good = {
  clients: [point(1_000)],
  instances: [of('chat-0', 480), of('chat-1', 520)],
  age: [point(12)],
};
const said = (answers: Parameters<typeof judge>[0], change: Partial<Expected> = {}): string[] =>
  judge(answers, { ...expected, ...change }).problems.map(problemText);

describe('good answers', () => {
  it('are the total, and each instance of the distribution', () => {
    const { clients, perInstance, problems } = judge(good, expected);
    expect(clients).toBe(1_000);
    expect([...perInstance]).toEqual([
      ['chat-0', 480],
      ['chat-1', 520],
    ]);
    expect(problems).toEqual([]);
  });

  it('may differ by connections that came in between, and tell of instances that are no members', () => {
    const instances = [...good.instances, of('chat-7', 3)];
    expect(said({ ...good, clients: [point(1_040)], instances })).toEqual([]);
    expect(said({ clients: [point(7)] }, { reported: 0 })).toEqual([]);
  });

  it('need no values for each instance, no age and no reports', () => {
    expect(said({ clients: [point(5)] }, { reported: null })).toEqual([]);
  });
});

describe('an answer that is none', () => {
  it.each([
    [[], 'the query for x gives no series: nothing is scraped, or a label in it is wrong'],
    [
      [point(1, { b: '2', a: '1', c: '3', d: '4' }), point(2)],
      'the query for x gives 2 series where one is meant ({a="1", b="2", c="3", …}, {}): sum over what they differ by',
    ],
    [[point(NaN)], 'the query for x gives NaN, which is no number to decide on'],
    [[point(-Infinity)], 'the query for x gives -Infinity, which is no number to decide on'],
    [[point(-3)], 'the query for x gives -3, and nothing there can be below 0'],
    [{ failed: 'nobody is there' }, 'no metrics for x: nobody is there'],
  ])('%j is said', (answer, sentence) => {
    const { value, problems } = oneNumber('x', answer);
    expect(value).toBeNull();
    expect(problems.map(problemText)).toEqual([sentence]);
  });
});

describe('half an answer', () => {
  it('says which instances it lacks, and keeps the others', () => {
    const half = { ...good, instances: [of('chat-1', 520)] };
    expect(said(half)).toEqual(['1 of 2 instances have no metrics (chat-0)']);
    expect(judge(half, expected).perInstance.get('chat-1')).toBe(520);
    const many = Array.from({ length: 9 }, (_, i) => `chat-${i}`);
    expect(said({ ...good, instances: [] }, { members: many })).toEqual([
      '9 of 9 instances have no metrics (chat-0, chat-1, chat-2, …)',
    ]);
  });

  it('takes no number that is none, and no instance that comes twice', () => {
    const odd = { ...good, instances: [of('chat-0', NaN), of('chat-1', 1), of('chat-1', 2)] };
    expect(said(odd)).toEqual([
      'chat-1 has two series: the query must give one for each instance',
      '1 of 2 instances have no metrics (chat-0)',
    ]);
    expect(judge(odd, expected).perInstance.size).toBe(0);
  });

  it('is too old by the age it is asked for, and an age that is none is said too', () => {
    expect(said({ ...good, age: [point(61.24)] })).toEqual([
      'the metrics are 61.2 s old (at most 60 s)',
    ]);
    expect(said({ ...good, age: [] })).toEqual([
      'the query for age gives no series: nothing is scraped, or a label in it is wrong',
    ]);
  });
});

describe('answers that contradict', () => {
  it('each other, or the reports of the instances', () => {
    expect(said({ ...good, clients: [point(700)] })).toEqual([
      'the metrics say 700 clients, and their values for each instance sum up to 1000',
      "the metrics say 700 clients, and the instances' own reports sum up to 1000",
    ]);
  });

  it('with nothing at all, while people are connected', () => {
    const zero = {
      ...good,
      clients: [point(0)],
      instances: [of('chat-0', 0), of('chat-1', 0)],
    };
    expect(said(zero)).toEqual(['the metrics say 0 clients, while the instances report 1000']);
    expect(said(zero, { reported: 0 })).toEqual([]);
  });
});

describe('queries', () => {
  it('name the service wherever the policy says so', () => {
    expect(queryOf(defaultQueries.clients, 'chat')).toBe(
      'sum(evenkeel_connected_clients{service="chat"})',
    );
    expect(queryOf('a{s="{{service}}"} + b{s="{{service}}"}', "$&'".slice(0, 2))).toBe(
      'a{s="$&"} + b{s="$&"}',
    );
    expect(() => queryOf('x', 'a"b')).toThrow('no name of a service');
  });
});

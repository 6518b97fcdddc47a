// What an evaluation takes from answers of the metrics' database.
import { describe, expect, it } from 'vitest';
import type { Expected, Point } from '../../../src/core/telemetry/judge.js';
import { problemText } from '../../../src/core/telemetry/problems.js';
import { readClients, readSignal } from '../../../src/core/telemetry/reading.js';

const of = (instance: string, value: number): Point => ({ labels: { instance }, value });
const age = [{ labels: {}, value: 12.3456 }];
const expected: Expected = {
  members: ['chat-0', 'chat-1'],
  instanceLabel: 'instance',
  maxAgeMs: 60_000,
  reported: 100,
  slackShare: 0.5,
  slackClients: 10,
};

describe('connected clients', () => {
  it('are of each member, and their sum; whoever is no member is in neither', () => {
    const clients = [of('chat-0', 40), of('chat-1', 60), of('chat-2', 7)];
    const { perInstance, total, ageMs, problems } = readClients({ clients, age }, expected);
    expect([...perInstance.values()]).toEqual([40, 60]);
    expect([total, ageMs, problems]).toEqual([100, 12_346, []]);
  });

  it('of half the cluster are no total, and that is all that is said of them', () => {
    const { perInstance, total, problems } = readClients(
      { clients: [of('chat-0', 0)], age },
      expected,
    );
    expect([...perInstance]).toEqual([['chat-0', 0]]);
    expect(total).toBeNull();
    expect(problems.map(problemText)).toEqual(['1 of 2 instances have no metrics (chat-1)']);
  });

  it('may be one total of the service', () => {
    const { perInstance, total, problems } = readClients(
      { clients: [{ labels: {}, value: 101 }] },
      expected,
    );
    expect([perInstance.size, total, problems]).toEqual([0, 101, []]);
  });

  it('of all members that are nobody, while people are reported, are told', () => {
    const { problems } = readClients({ clients: [of('chat-0', 0), of('chat-1', 0)] }, expected);
    expect(problems.map(({ kind }) => kind)).toEqual(['telemetry-zero']);
  });

  it('have no age when it was asked and nobody can tell', () => {
    const clients = [of('chat-0', 40), of('chat-1', 60)];
    const read = readClients({ clients, age: { failed: 'busy' } }, expected);
    expect(read.ageMs).toBeNull();
    expect(read.problems.map(problemText)).toEqual(['no metrics for age: busy']);
    expect(readClients({ clients }, expected).ageMs).toBe(0);
  });

  it('are nobody when the database does not answer', () => {
    const { perInstance, total, problems } = readClients({ clients: { failed: 'gone' } }, expected);
    expect([perInstance.size, total]).toEqual([0, null]);
    expect(problems.map(problemText)).toEqual(['no metrics for clients: gone']);
  });
});

describe('a signal', () => {
  it.each([
    [[of('chat-0', 1.5), of('chat-1', 0.5), of('gone-9', 4)], { total: 2, instances: 2 }],
    [[of('chat-0', 1.5), of('chat-1', NaN)], { total: 1.5, instances: 1 }],
    [[of('chat-0', 1), of('chat-0', 3)], { total: 3, instances: 1 }],
    [[{ labels: {}, value: 7 }], { total: 7, instances: 2 }],
  ])('%j is read as %j', (answer, read) => {
    expect(readSignal('cpuCores', answer, expected)).toEqual({ read, problems: [] });
  });

  it.each([
    [[], 'telemetry-empty'],
    [[of('gone-9', 4)], 'telemetry-empty'],
    [{ failed: 'refused' }, 'telemetry-failed'],
    [[{ labels: {}, value: -1 }], 'telemetry-negative'],
    [
      [
        { labels: { a: '1' }, value: 1 },
        { labels: { a: '2' }, value: 1 },
      ],
      'telemetry-several-series',
    ],
  ])('%j is none', (answer, kind) => {
    const { read, problems } = readSignal('cpuCores', answer, expected);
    expect(read).toBeNull();
    expect(problems.map((problem) => problem.kind)).toEqual([kind]);
  });
});

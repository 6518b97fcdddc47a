// What an instance answers to its probes, in each state that Kafka, ConfigDB and the saga can bring it into.

import { describe, expect, it } from 'vitest';
import type { InstanceState } from '../../src/instance/api.js';
import { instanceAnswers } from '../../src/server/readiness.js';

const answers = (state: InstanceState | null, leaseGood = true, rehearsing = false) => {
  const instance =
    state === null ? null : { state: (): InstanceState => state, leaseGood: () => leaseGood };
  const { startup, live, ready } = instanceAnswers({
    instance: () => instance,
    rehearsing: () => rehearsing,
  });
  return { startup: startup(), live: live(), ready: ready() };
};

describe('an instance', () => {
  it('that joins is alive, and neither started nor ready', () => {
    const why = 'the instance is starting';
    expect(answers(null)).toEqual({ startup: why, live: true, ready: why });
  });

  it('that has joined is started, and ready once it has rehearsed', () => {
    expect(answers('ready', true, true)).toEqual({
      startup: true,
      live: true,
      ready: 'the instance rehearses',
    });
    expect(answers('ready')).toEqual({ startup: true, live: true, ready: true });
  });

  it('whose lease has lapsed, as all do while Kafka is away, is alive and not ready', () => {
    expect(answers('ready', false)).toEqual({
      startup: true,
      live: true,
      ready: 'the lease of the instance has lapsed',
    });
  });

  it.each(['leaving', 'fenced', 'stopped'] as const)(
    'that is %s is alive and not ready',
    (state) => {
      expect(answers(state)).toEqual({
        startup: true,
        live: true,
        ready: `the instance is ${state}`,
      });
    },
  );
});

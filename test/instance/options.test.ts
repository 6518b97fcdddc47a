// What an embedder can say wrong of an instance is refused before it has written anything.

import { describe, expect, it } from 'vitest';
import { createMemoryBus } from '../../src/adapters/memory/bus.js';
import { createMemoryConfigDb } from '../../src/adapters/memory/config-db.js';
import { systemClock } from '../../src/adapters/system-clock.js';
import { checkedOptions } from '../../src/instance/options.js';

const sink = { onForget: () => undefined, onJump: () => undefined, onRecords: () => undefined };
const right = {
  ...{ service: 'scores', name: 'scores-1', ordinal: 1, partitions: 12, url: 'ws://a:1', sink },
};
const around = {
  bus: createMemoryBus(),
  reports: createMemoryConfigDb(),
  clock: systemClock,
  log: () => undefined,
};

describe('the options of an instance', () => {
  it('are taken as they are', () => {
    expect(checkedOptions(right, around)).toBe(right);
  });

  it.each([{ name: 'scores-2' }, { name: 'points-1' }, { ordinal: 2 }, { service: 'points' }])(
    'are refused with the name of another: %o',
    (wrong) => {
      expect(() => checkedOptions({ ...right, ...wrong }, around)).toThrow(
        /is called .*, and this one /,
      );
    },
  );

  it.each(['onForget', 'onJump', 'onRecords'])('are refused without `%s`', (hook) => {
    const without = { ...right, sink: { ...sink, [hook]: undefined } };
    expect(() => checkedOptions(without, around)).toThrow(`the sink has no ${hook}`);
  });

  it('are refused without a sink', () => {
    const without = { ...right, sink: undefined as unknown as typeof sink };
    expect(() => checkedOptions(without, around)).toThrow('the sink has no onRecords');
  });
});

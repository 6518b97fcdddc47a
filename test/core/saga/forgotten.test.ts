import { describe, expect, it } from 'vitest';
import {
  memoryOf,
  partitionsFault,
  untoldEpochsMax,
  type PartitionCounts,
  type Seen,
} from '../../../src/core/saga/forgotten.js';

/** Everybody knows revision 7 and epoch 9. */
const whole: Seen = {
  latest: { revision: 7, hash: 'seven', cause: 'operator' },
  epoch: 9,
  told: { revision: 7, hash: 'seven' },
  said: { revision: 7, epoch: 9 },
  claimed: 7,
  reported: { revision: 7, epoch: 9 },
  platformEpoch: 9,
};
const older = { latest: { revision: 5, hash: 'five', cause: 'operator' }, epoch: 6 };

describe('the memory of ConfigDB', () => {
  it('is whole when nobody has seen a higher number', () => {
    expect(memoryOf(whole)).toEqual({
      distribution: 'known',
      above: { revision: 7, epoch: 9 },
      notes: [],
    });
  });

  it('is whole before the first distribution, and after one that was never told', () => {
    const fresh = { ...whole, latest: null, epoch: 0, told: null, claimed: 0, platformEpoch: 0 };
    const nothing = { revision: 0, epoch: 0 };
    const first = memoryOf({ ...fresh, said: nothing, reported: nothing });
    expect(first).toEqual({ distribution: 'known', above: nothing, notes: [] });
    const untold = { ...whole, latest: { revision: 8, hash: 'eight', cause: 'operator' } };
    expect(memoryOf(untold).distribution).toBe('known');
  });

  it('has forgotten what instances were told, and the next number is above it', () => {
    const { distribution, above, notes } = memoryOf({ ...whole, ...older });
    expect(distribution).toBe('forgotten');
    expect(above).toEqual({ revision: 7, epoch: 9 + untoldEpochsMax });
    expect(notes).toEqual([
      'ConfigDB ends at revision 5, and revision 7 was told to the instances',
      'ConfigDB ends at epoch 6, and epoch 9 was seen',
    ]);
  });

  it.each([
    ['is in the ownership log', { claimed: 8 }],
    ['is reported by an instance', { reported: { revision: 8, epoch: 9 } }],
  ])('has forgotten what %s', (where, seen) => {
    const { distribution, above, notes } = memoryOf({ ...whole, ...seen });
    expect(distribution).toBe('forgotten');
    expect(above.revision).toBe(8);
    expect(notes[0]).toBe(`ConfigDB ends at revision 7, and revision 8 ${where}`);
  });

  it('has forgotten everything while instances serve', () => {
    const { distribution, above, notes } = memoryOf({ ...whole, latest: null, epoch: 0 });
    expect(distribution).toBe('forgotten');
    expect(above.revision).toBe(7);
    expect(notes[0]).toContain('has no distribution');
  });

  it('does not take a revision that was only prepared for one that was in force', () => {
    const { distribution, above } = memoryOf({ ...whole, said: { revision: 8, epoch: 9 } });
    expect(distribution).toBe('known');
    expect(above.revision).toBe(8);
  });

  it('means two things by one number when the instances know it with another hash', () => {
    const { distribution, notes } = memoryOf({ ...whole, told: { revision: 7, hash: 'other' } });
    expect(distribution).toBe('forgotten');
    expect(notes[0]).toContain('revision 7 in ConfigDB is another one');
  });

  it.each([
    ['platform', { platformEpoch: 12 }],
    ['control topic', { said: { revision: 7, epoch: 12 } }],
    ['reports', { reported: { revision: 7, epoch: 12 } }],
  ])('has forgotten only epochs: the %s knows a higher one', (_where, seen) => {
    const { distribution, above } = memoryOf({ ...whole, ...seen });
    expect(distribution).toBe('known');
    expect(above.epoch).toBe(12 + untoldEpochsMax);
  });

  it('lacks the telling of its own mend, where the try that wrote it died', () => {
    const latest = { revision: 8, hash: 'eight', cause: 'mend' };
    expect(memoryOf({ ...whole, latest }).distribution).toBe('untold');
    const told = { revision: 8, hash: 'eight' };
    expect(memoryOf({ ...whole, latest, told }).distribution).toBe('known');
  });
});

describe('the number of partitions', () => {
  const same: PartitionCounts = {
    service: 'chat',
    policy: 360,
    topic: { name: 'chat.messages', partitions: 360 },
    distribution: { revision: 7, partitions: 360 },
    told: { revision: 7, partitions: 360 },
  };

  it('is accepted while it is the same everywhere, and where somebody does not know it', () => {
    expect(partitionsFault(same)).toBeUndefined();
    const unknown = { distribution: null, told: null, topic: { name: 't', partitions: 0 } };
    expect(partitionsFault({ ...same, ...unknown })).toBeUndefined();
  });

  it('is refused with both numbers and what to do when the topic has another', () => {
    const fault = partitionsFault({ ...same, topic: { name: 'chat.messages', partitions: 720 } });
    expect(fault).toContain('topic chat.messages has 720 partitions, and chat runs with 360');
    expect(fault).toContain('Restore the topic with 360 partitions');
  });

  it.each(['distribution', 'told'] as const)(
    'is refused when the policy differs from what is served (%s)',
    (where) => {
      const fault = partitionsFault({ ...same, [where]: { revision: 7, partitions: 180 } });
      expect(fault).toContain('the policy of chat says 360 partitions, and revision 7');
      expect(fault).toContain('Apply the policy with partitions: 180 again');
    },
  );
});

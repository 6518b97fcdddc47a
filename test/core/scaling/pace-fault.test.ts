import { describe, expect, it } from 'vitest';
import { paceFault } from '../../../src/core/scaling/pace-fault.js';
import { policyDefaults, policyFault, type Policy } from '../../../src/core/scaling/policy.js';

const asked = (clientsPerWave: number, acceptPerSecond: number, handOverStallMs: number) => ({
  pace: { ...policyDefaults.pace, clientsPerWave, acceptPerSecond },
  handOverStallMs,
});

describe('a pace', () => {
  it.each([
    ['a rest twice as long as the stall', asked(6, 1, 3_000), 6_000],
    ['a rest as long as the stall', asked(30, 1, 30_000), 30_000],
    ['a rest that is no whole number', asked(10, 3, 3_333), 3_334],
  ])(
    'at which nothing can be handed over is refused, with the sum: %s',
    (_what, policy, restMs) => {
      const { field, found, allowed } = paceFault(policy) ?? {};
      expect([field, found]).toEqual(['handOverStallMs', policy.handOverStallMs]);
      expect(allowed).toContain(
        `more than ${restMs}, the ms from wave to wave: pace.clientsPerWave (`,
      );
    },
  );

  it('at which it can is not', () => {
    expect(paceFault(policyDefaults)).toBe(undefined);
    expect(paceFault(asked(30, 1, 30_001))).toBe(undefined);
    expect(paceFault(asked(6, 1, 6_001))).toBe(undefined);
  });

  it('is among the rules of a policy', () => {
    const policy: Policy = {
      ...policyDefaults,
      ...{ service: 'm', partitions: 12, instances: { min: 1, max: 3 }, tolerance: 0 },
      clientsPerInstance: { upper: 250, lower: 50, target: 150 },
      ...asked(6, 1, 3_000),
    };
    expect(policyFault(policy)).toMatchObject({ field: 'handOverStallMs', found: 3_000 });
    expect(policyFault({ ...policy, ...asked(6, 100, 3_000) })).toBe(undefined);
  });
});

import { describe, expect, it } from 'vitest';
import { needsApproval } from '../../../src/core/saga/approval.js';
import { estimateMs } from '../../../src/core/saga/estimate.js';

describe('whether a plan waits for a person', () => {
  it.each([
    ['never', 'threshold', 1_000, false],
    ['always', 'threshold', 0, true],
    ['always', 'operator', 1_000, false],
    ['always', 'instance-lost', 1_000, false],
    ['always', 'leave', 1_000, false],
    [{ aboveMovedClients: 500 }, 'forecast', 500, false],
    [{ aboveMovedClients: 500 }, 'forecast', 501, true],
  ] as const)('%j, asked by %s, %d clients: %s', (policy, source, clients, needed) => {
    expect(needsApproval(policy, { source }, clients)).toBe(needed);
  });
});

describe('how long a hand-over should take', () => {
  const pace = { clientsPerWave: 25, acceptPerSecond: 100, partitionsPerWave: 10 };
  const transfer = { donor: 'a', receiver: 'b', partitions: 20, clients: 500 };

  it('is what the busiest receiver needs to welcome all of its clients', () => {
    expect(estimateMs([transfer, { ...transfer, donor: 'c' }], pace)).toBe(10_000);
    expect(estimateMs([transfer, { ...transfer, receiver: 'c' }], pace)).toBe(5_000);
  });

  it('is what the waves of the busiest donor need where nobody is connected', () => {
    expect(estimateMs([{ ...transfer, clients: 0 }], pace)).toBe(200);
    expect(estimateMs([], pace)).toBe(0);
  });
});

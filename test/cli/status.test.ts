// What `status` says, of what it has seen.
import { expect, it } from 'vitest';
import { statusText } from '../../src/cli/status.js';
import type { ServiceStatus } from '../../src/cli/status/service-status.js';

it('of a dry run names a command that can be typed as it stands, with several services, too', () => {
  const status = {
    ...{ service: 'chat', mode: 'dry-run', revision: 1, partitions: 12, clients: 0, settled: true },
    ...{ away: [], owned: {}, planned: {}, instances: [], platform: null, rebalance: null },
    ...{ schedule: null, recorded: null, decision: null },
  } as unknown as ServiceStatus;
  expect(statusText(status)).toMatch(/: evenkeel explain --last 1h --service chat$/);
  expect(statusText({ ...status, mode: 'live' })).not.toContain('explain');
});

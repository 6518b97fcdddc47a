import { describe, expect, it } from 'vitest';
import { requireNamespace } from '../../src/cli/context.js';
import { requirePolicy } from '../../src/cli/known-service.js';
import type { PolicyDoc } from '../../src/ports.js';

const configDb = (services: readonly string[]) => ({
  latestPolicy: async (service: string) =>
    services.includes(service) ? ({ service } as unknown as PolicyDoc) : null,
  services: async () => services,
});

describe('a service without a policy', () => {
  it('is refused with the services that are known', async () => {
    await expect(requirePolicy(configDb(['chat', 'messaging']), 'nope')).rejects.toMatchObject({
      name: 'BadInputError',
      field: 'service',
      found: 'nope',
      allowed: 'chat, messaging',
    });
    await expect(requirePolicy(configDb(['chat']), 'chat')).resolves.toBeUndefined();
  });
});

describe('a namespace that Temporal does not have', () => {
  const answering = (code: number | null) => ({
    describeNamespace: () =>
      code === null ? Promise.resolve({}) : Promise.reject(Object.assign(new Error(), { code })),
  });

  it('is refused by the name of its variable', async () => {
    await expect(requireNamespace(answering(5), 'nope')).rejects.toMatchObject({
      name: 'BadInputError',
      field: 'TEMPORAL_NAMESPACE',
      found: 'nope',
    });
  });

  it('is not confused with a server that does not let us look', async () => {
    await expect(requireNamespace(answering(7), 'mine')).resolves.toBeUndefined();
    await expect(requireNamespace(answering(null), 'mine')).resolves.toBeUndefined();
  });
});

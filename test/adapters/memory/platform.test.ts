// The in-memory platform keeps the laws, and stops and starts where tests tell it to.
import { describe, expect, it } from 'vitest';
import { createMemoryPlatform } from '../../../src/adapters/memory/platform.js';
import { platformContract } from '../../contract/platform.js';
import { eventually } from '../../support/eventually.js';

const platform = createMemoryPlatform();
let services = 0;
platformContract('the platform in memory', () => ({
  platform,
  declare: async (replicas) => {
    services += 1;
    const service = `service${services}`;
    platform.declare(service, { replicas });
    return service;
  },
  crash: async (service, instance) => void platform.crash(service, instance),
  image: 'other',
}));

describe('the platform in memory', () => {
  it('keeps instances starting until told that they are ready', async () => {
    const held = createMemoryPlatform({ autoReady: false });
    held.declare('chat', { replicas: 1 });
    expect((await held.observe('chat')).instances[0]?.phase).toBe('starting');
    held.ready('chat', 'chat-0');
    expect((await held.observe('chat')).instances[0]?.phase).toBe('ready');
  });

  it('removes the highest first and waits for each to stop before the next', async () => {
    const stopped: string[] = [];
    const releases: (() => void)[] = [];
    const slow = createMemoryPlatform({
      onStop: (_service, { name }) => {
        stopped.push(name);
        return new Promise((resolve) => releases.push(resolve));
      },
    });
    slow.declare('chat', { replicas: 3 });
    const { version } = await slow.observe('chat');
    await slow.scale('chat', { replicas: 1, epoch: 1, version });
    expect(stopped).toEqual(['chat-2']);
    expect((await slow.observe('chat')).instances[2]?.phase).toBe('terminating');
    releases[0]?.();
    await eventually('the next one is told to stop', () => stopped.length === 2);
    expect(stopped).toEqual(['chat-2', 'chat-1']);
  });
});

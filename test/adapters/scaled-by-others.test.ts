import { describe, expect, it } from 'vitest';
import type { ForeignScaling, Platform, PlatformView } from '../../src/ports.js';
import { scaledByOthersText, tellingOfOthers } from '../../src/adapters/scaled-by-others.js';

const viewed = (service: string, replicas: number, foreign?: ForeignScaling): PlatformView => ({
  ...{ service, replicas, epoch: 1, version: '1', instances: [] },
  ...(foreign === undefined ? {} : { foreign }),
});
const notHere = () => Promise.reject(new Error('is not asked here'));

describe('a platform that tells of others', () => {
  const lines: unknown[] = [];
  let view = viewed('chat', 2);
  const inner: Platform = {
    observe: (service) => Promise.resolve({ ...view, service }),
    ...{ scale: notHere, hasEnded: notHere, setTemplate: notHere, restart: notHere },
  };
  const platform = tellingOfOthers(inner, (event, detail) => lines.push({ event, ...detail }));
  const look = async (service: string, next: PlatformView) => {
    view = next;
    expect(await platform.observe(service)).toEqual({ ...next, service });
  };

  it('says once for each change who did it, for each service apart', async () => {
    const foreign = { from: 2, by: 'kubectl' };
    await look('chat', viewed('chat', 2));
    expect(lines).toEqual([]);
    for (let look_ = 0; look_ < 3; look_ += 1) await look('chat', viewed('chat', 4, foreign));
    await look('mail', viewed('mail', 4, foreign));
    const line = { event: 'scaled-by-others', from: 2, to: 4, by: 'kubectl' };
    expect(lines).toEqual([
      { ...line, service: 'chat' },
      { ...line, service: 'mail' },
    ]);
    await look('chat', viewed('chat', 5, foreign));
    expect(lines).toHaveLength(3);
  });

  it('says it again when it happens again after a number of ours', async () => {
    const before = lines.length;
    await look('chat', viewed('chat', 3));
    await look('chat', viewed('chat', 5, { from: 2, by: 'kubectl' }));
    expect(lines).toHaveLength(before + 1);
  });
});

it('names whoever it was, as far as the platform knows', () => {
  expect(scaledByOthersText(viewed('chat', 2))).toBeUndefined();
  const text = (by: string | null) => scaledByOthersText(viewed('chat', 4, { from: 2, by }));
  expect(text('kubectl')).toBe('kubectl changed the number of instances from 2 to 4');
  expect(text(null)).toMatch(/^somebody else changed/);
});

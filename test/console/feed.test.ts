// What viewers are told, when, and in which form: server-sent events.
import { describe, expect, it } from 'vitest';
import { createFeed, frameOf } from '../../src/console/feed.js';
import type { Picture } from '../../src/console/picture.js';
import { pictureOf, settled, virtualTime } from './world.js';

function open(read: () => Promise<Picture>) {
  const time = virtualTime();
  const forgotten: string[] = [];
  const feed = createFeed({ read, forget: (name) => void forgotten.push(name), ...time });
  const frames: string[] = [];
  const kinds = () => frames.map((frame) => /^event: (\w+)/.exec(frame)?.[1]);
  return { time, feed, frames, kinds, forgotten };
}

describe('a frame', () => {
  it('has one line of data, whatever stands in it', () => {
    const hostile = '</script>\n\nevent: now\r\ndata: {"x":1}\u2028 <img src=x onerror=alert(1)>';
    const frame = frameOf('now', { service: hostile });
    expect(frame.split('\n')).toHaveLength(4);
    expect(frame).not.toContain('\r');
    expect(JSON.parse(frame.split('\n')[1]?.slice('data: '.length) ?? '')).toEqual({
      service: hostile,
    });
  });
});

describe('a viewer', () => {
  it('is told what changed and nothing else, and a sign of life every two seconds', async () => {
    let clients = 1;
    const { time, feed, frames, kinds } = open(async () => pictureOf('chat', { clients }));
    feed.watch('chat', (frame) => void frames.push(frame));
    await settled();
    expect(kinds()).toEqual(['alive', 'now', 'past', 'alive']);
    await time.pass(1_000);
    expect(kinds()).toHaveLength(4);
    clients = 2;
    await time.pass(1_000);
    expect(kinds().slice(4).sort()).toEqual(['alive', 'now']);
    expect(frames.findLast((frame) => frame.startsWith('event: now'))).toContain('"clients":2');
  });

  it('that comes later is told at once what is known', async () => {
    const { feed, frames, kinds } = open(async () => pictureOf('chat'));
    feed.watch('chat', () => undefined);
    await settled();
    feed.watch('chat', (frame) => void frames.push(frame));
    expect(kinds()).toEqual(['alive', 'now', 'past']);
  });

  it('hears why the figures are old, and how old, while a look fails', async () => {
    let fails = false;
    const { time, feed, frames } = open(async () => {
      if (fails) throw new Error('Kafka does not answer\n    at somewhere');
      return pictureOf('chat');
    });
    feed.watch('chat', (frame) => void frames.push(frame));
    await settled();
    fails = true;
    await time.pass(1_000);
    expect(frames.at(-1)).toMatch(/"readAtMs":1000,"trouble":"Kafka does not answer"\}/);
    fails = false;
    await time.pass(1_000);
    expect(frames.findLast((frame) => frame.startsWith('event: alive'))).toContain(
      '"trouble":null',
    );
  });

  it('hears signs of life while a look hangs', async () => {
    const { time, feed, kinds, frames } = open(() => new Promise(() => undefined));
    feed.watch('chat', (frame) => void frames.push(frame));
    await time.pass(6_000);
    expect(kinds()).toEqual(['alive', 'alive', 'alive', 'alive']);
  });

  it('that leaves last ends the looking', async () => {
    const { time, feed, forgotten } = open(async () => pictureOf('chat'));
    const [leave, leaveToo] = [
      feed.watch('chat', () => undefined),
      feed.watch('chat', () => undefined),
    ];
    await settled();
    leave();
    expect(forgotten).toEqual([]);
    leaveToo();
    expect(forgotten).toEqual(['chat']);
    await time.pass(5_000);
    expect(time.waiting()).toBe(0);
  });
});

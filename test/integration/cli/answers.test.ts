// What approve, reject and abort answer on the command line while a rebalance runs and after it, said
// once, twice and by two people at once: a sentence and an exit status each time.

import { afterEach, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.js';
import { statusQuery, type RebalanceStatus } from '../../../workflows/messages.js';
import { eventually } from '../../support/eventually.js';
import { createWorlds, type World } from '../saga/saga-world.js';

const address = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
const { bootstrapped, closeAll } = createWorlds();

afterEach(closeAll);

async function say(w: World, word: string, by: string) {
  const written = { out: '' };
  const argv = [word, w.service, '--by', by, '--json', '--temporal-address', address];
  const code = await main(argv, {
    out: (text) => void (written.out += text),
    err: () => undefined,
    env: {},
  });
  const { accepted, text } = JSON.parse(written.out) as Record<string, unknown>;
  return { code, accepted, text: String(text) };
}

/** A grow that waits for approval; neither its hand-over nor its record ends before it is let go. */
async function asking() {
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let open = false;
  const mayMove = (revision: number) => open || revision !== 2;
  const w = await bootstrapped({ mayMove, policy: { approval: 'always' } }, (activities) => ({
    ...activities,
    cancelPrepare: async (input) => (await held, activities.cancelPrepare(input)),
    record: async (input) => (await held, activities.record(input)),
  }));
  const handle = await w.request({ requestId: 'grow', source: 'threshold', instances: 3 });
  const reaches = (phase: RebalanceStatus['phase']) =>
    eventually(phase, async () => (await handle.query(statusQuery)).phase === phase);
  await eventually('it asks', async () => (await handle.query(statusQuery)).awaitsApproval);
  const ended = async () => {
    open = true;
    letGo();
    return (await handle.result()).outcomes[0]?.outcome;
  };
  return { w, reaches, ended };
}

const taken = (text: string) => ({ code: 0, accepted: true, text });
const refused = (text: string) => ({ code: 1, accepted: false, text });

describe('said twice in a row', () => {
  it('approve', async () => {
    const { w, reaches, ended } = await asking();
    expect(await say(w, 'approve', 'ada')).toEqual(taken('approved by ada'));
    await reaches('hand-over');
    const late = refused('nothing awaits approval: it was approved by ada');
    expect(await say(w, 'approve', 'bob')).toEqual(late);
    expect(await say(w, 'reject', 'bob')).toEqual(late);
    expect(await ended()).toBe('completed');
  });

  it('reject', async () => {
    const { w, reaches, ended } = await asking();
    expect(await say(w, 'reject', 'ada')).toEqual(taken('rejected by ada'));
    await reaches('record');
    const late = refused('nothing awaits approval: it was rejected by ada');
    expect(await say(w, 'reject', 'bob')).toEqual(late);
    expect(await say(w, 'approve', 'bob')).toEqual(late);
    expect(await say(w, 'abort', 'bob')).toEqual(refused('it is done already'));
    expect(await ended()).toBe('rejected');
  });

  it('abort', async () => {
    const { w, reaches, ended } = await asking();
    await say(w, 'approve', 'ada');
    await reaches('hand-over');
    expect(await say(w, 'abort', 'ada')).toEqual(
      taken('aborting at hand-over: what has begun is undone'),
    );
    const late = refused('it is being undone already: it was aborted by ada');
    expect(await say(w, 'abort', 'bob')).toEqual(late);
    await reaches('undo');
    expect(await say(w, 'abort', 'bob')).toEqual(late);
    expect(await ended()).toBe('aborted');
  });
});

describe('said by two people at once', () => {
  it.each([
    ['approve', 'approve', 'completed'],
    ['reject', 'reject', 'rejected'],
    ['abort', 'abort', 'aborted'],
    ['approve', 'reject', 'completed'],
    ['reject', 'abort', 'rejected'],
  ])('%s and %s: the first one counts, the other is told of it', async (adas, bobs, outcome) => {
    const { w, ended } = await asking();
    const [ada, bob] = await Promise.all([say(w, adas, 'ada'), say(w, bobs, 'bob')]);
    expect([ada.code, bob.code].sort()).toEqual([0, 1]);
    const other = ada.accepted === true ? bob : ada;
    expect(other).toMatchObject({ code: 1, accepted: false });
    expect(other.text).toMatch(/^(nothing awaits|it is) .*(by (ada|bob)|done already)$/);
    const counts: Readonly<Record<string, string>> = {
      approve: 'completed',
      reject: 'rejected',
      abort: 'aborted',
    };
    expect(await ended()).toBe(ada.accepted === true ? outcome : counts[bobs]);
  });
});

describe('of a run that has ended', () => {
  it.each(['approve', 'reject', 'abort'])('%s says that none is under way', async (word) => {
    const w = await bootstrapped();
    const none = `no rebalance of ${w.service} is under way: evenkeel status ${w.service}`;
    expect(await say(w, word, 'ada')).toEqual(refused(none));
  });
});

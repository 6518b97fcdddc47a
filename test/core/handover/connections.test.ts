import { describe, expect, it } from 'vitest';
import { Connections } from '../../../src/core/handover/connections.js';
import type { ConnectionAction, Identity } from '../../../src/core/handover/connections.js';

const limits = { parkedMs: 5_000, parkedClientsMax: 3 };
const who = (user: string, session = 1, partition = 7): Identity => ({
  partition,
  user,
  client: 'phone',
  session: `s${session}`,
  sessionAtMs: session,
});
const kinds = (actions: readonly ConnectionAction[]): string[] =>
  actions.map((action) =>
    'id' in action ? `${action.kind} ${action.id}` : `${action.kind} ${action.partition}`,
  );
const serve = { kind: 'serve', revision: 3 } as const;
const moved = { reason: 'moved', url: 'ws://b', revision: 4 } as const;

function open(of: Connections, id: string, identity: Identity): void {
  expect(kinds(of.admit(id, identity, serve, 0))).toEqual([`opened ${id}`]);
  expect(kinds(of.openedAcknowledged(id, true))).toEqual([`welcome ${id}`]);
}

describe('connections', () => {
  it('welcomes only after `opened` is acknowledged', () => {
    open(new Connections(limits), 'c', who('alice'));
  });

  it('does not welcome when it may not speak at that moment, and leaves no open evidence', () => {
    const of = new Connections(limits);
    of.admit('c', who('alice'), serve, 0);
    expect(kinds(of.openedAcknowledged('c', false))).toEqual(['refuse c']);
    expect(kinds(of.socketClosed('c', 'lost'))).toEqual(['closed c']);
  });

  it('parks until the partition is served', () => {
    const of = new Connections(limits);
    expect(of.admit('c', who('alice'), { kind: 'park' }, 0)).toEqual([]);
    expect(of.counts()).toEqual({ clients: 0, parked: 1 });
    expect(kinds(of.serve(7, 3))).toEqual(['opened c']);
  });

  it('bounds how many are parked and for how long', () => {
    const of = new Connections(limits);
    for (const id of ['a', 'b', 'c']) of.admit(id, who(id), { kind: 'park' }, 0);
    expect(kinds(of.admit('d', who('d'), { kind: 'park' }, 0))).toEqual(['refuse d']);
    expect(of.tick(4_999)).toEqual([]);
    expect(kinds(of.tick(5_000))).toEqual(['refuse a', 'refuse b', 'refuse c']);
    expect(of.tick(6_000), 'told once').toEqual([]);
  });

  it('is drained only when every `closed` is acknowledged', () => {
    const of = new Connections(limits);
    open(of, 'a', who('alice'));
    open(of, 'b', who('bob'));
    expect(kinds(of.drain([7], moved))).toEqual(['disconnect a', 'disconnect b']);
    expect(kinds(of.socketClosed('a', 'moved')), 'nobody waits for it alone').toEqual([]);
    expect(kinds(of.socketClosed('b', 'moved'))).toEqual(['closed a', 'closed b']);
    expect(kinds(of.closedAcknowledged('a'))).toEqual([]);
    expect(kinds(of.closedAcknowledged('b'))).toEqual(['drained 7']);
  });

  it('tells what was closed before a partition is served again', () => {
    const of = new Connections(limits);
    open(of, 'a', who('alice'));
    open(of, 'b', who('bob'));
    of.drain([7], moved);
    expect(kinds(of.socketClosed('a', 'moved'))).toEqual([]);
    of.admit('c', who('carol'), { kind: 'park' }, 0);
    expect(kinds(of.serve(7, 3))).toEqual(['closed a', 'opened c']);
  });

  it('a connection whose `opened` is on its way counts too: closed before drained, never welcomed', () => {
    const of = new Connections(limits);
    of.admit('a', who('alice'), serve, 0);
    expect(kinds(of.drain([7], moved))).toEqual(['redirect a']);
    expect(kinds(of.socketClosed('a', 'moved'))).toEqual([]);
    expect(kinds(of.openedAcknowledged('a', true))).toEqual(['closed a']);
    expect(kinds(of.closedAcknowledged('a'))).toEqual(['drained 7']);
  });

  it('an empty partition is drained at once, and parked clients are sent on', () => {
    const of = new Connections(limits);
    of.admit('a', who('alice'), { kind: 'park' }, 0);
    expect(kinds(of.drain([7, 8], moved))).toEqual(['redirect a', 'drained 7', 'drained 8']);
  });

  it('a newer session replaces the older, whose `closed` comes before the new `opened`', () => {
    const of = new Connections(limits);
    open(of, 'old', who('alice', 1));
    expect(kinds(of.admit('new', who('alice', 2), serve, 0))).toEqual(['disconnect old']);
    expect(kinds(of.socketClosed('old', 'lost'))).toEqual(['closed old', 'opened new']);
    expect(kinds(of.openedAcknowledged('new', true))).toEqual(['welcome new']);
  });

  it('refuses an older session than the connected one', () => {
    const of = new Connections(limits);
    open(of, 'new', who('alice', 2));
    const [action] = of.admit('old', who('alice', 1), serve, 0);
    expect(action).toMatchObject({ kind: 'refuse', id: 'old', code: 'superseded' });
  });

  it('the same session again replaces its own lost connection', () => {
    const of = new Connections(limits);
    open(of, 'first', who('alice', 1));
    expect(kinds(of.admit('second', who('alice', 1), serve, 0))).toEqual(['disconnect first']);
  });

  it('another device of the user is another connection', () => {
    const of = new Connections(limits);
    open(of, 'phone', who('alice'));
    open(of, 'laptop', { ...who('alice'), client: 'laptop' });
    expect(of.counts().clients).toBe(2);
  });

  it('says why each one was closed', () => {
    const of = new Connections(limits);
    open(of, 'a', who('alice'));
    of.drain([7], moved);
    expect(of.socketClosed('a', 'lost')).toMatchObject([
      { kind: 'closed', reason: 'moved', revision: 3 },
    ]);
  });

  it('forgets connections that ended, whoever began', () => {
    const of = new Connections(limits);
    open(of, 'a', who('alice'));
    of.socketClosed('a', 'bye');
    of.closedAcknowledged('a');
    of.admit('b', who('bob'), { kind: 'redirect', url: 'ws://b', revision: 1 }, 0);
    of.socketClosed('b', 'refused');
    expect(of.counts()).toEqual({ clients: 0, parked: 0 });
    expect(of.load()).toEqual([]);
  });
});

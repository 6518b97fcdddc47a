import { describe, expect, it } from 'vitest';
import {
  after,
  nextStep,
  stepsAhead,
  stepsMax,
  type RollInstance,
  type RollStep,
} from '../../../src/core/roll/next-step.js';

const instance = (ordinal: number, more: Partial<RollInstance> = {}): RollInstance => ({
  ...{ ordinal, owns: true, current: false, ready: true, clients: 100 },
  ...more,
});
const some = (n: number, more: (ordinal: number) => Partial<RollInstance> = () => ({})) =>
  Array.from({ length: n }, (_, ordinal) => instance(ordinal, more(ordinal)));
const text = ({ kind, instance: from, to, replicas }: RollStep) =>
  from === undefined ? `${kind} ${replicas}` : `${kind} ${from}${to === undefined ? '' : `→${to}`}`;
const all = (home: number, instances: readonly RollInstance[]) =>
  stepsAhead({ home, instances }).map(text);

describe('the steps of a roll', () => {
  it('move everybody once, and twice only those who went to the surge instance', () => {
    expect(all(4, some(4))).toEqual([
      'surge 5',
      'swap 0→4',
      'swap 1→0',
      'swap 2→1',
      'swap 3→2',
      'home 4→3',
    ]);
    const moved = stepsAhead({ home: 4, instances: some(4) }).reduce(
      (sum, s) => sum + s.clients,
      0,
    );
    expect(moved / 400).toBe(1.25);
  });

  it('begin with whoever has the fewest clients', () => {
    const clients = [90, 80, 10, 80];
    const steps = all(
      4,
      some(4, (o) => ({ clients: clients[o] as number })),
    );
    expect(steps).toEqual(['surge 5', 'swap 2→4', 'swap 0→2', 'swap 1→0', 'swap 3→1', 'home 4→3']);
  });

  it('leave out who runs the present template already', () => {
    const steps = all(
      4,
      some(4, (o) => ({ current: o === 1 || o === 2 })),
    );
    expect(steps).toEqual(['surge 5', 'swap 0→4', 'swap 3→0', 'home 4→3']);
    expect(nextStep({ home: 3, instances: some(3, () => ({ current: true })) })).toEqual({
      kind: 'done',
    });
  });

  it('need no surge where an instance is empty', () => {
    const steps = all(
      2,
      some(3, (o) => (o === 2 ? { owns: false, clients: 0 } : {})),
    );
    expect(steps).toEqual(['restart 2', 'swap 0→2', 'swap 1→0', 'home 2→1']);
  });

  it('go on from what a terminated roll left: a surge instance that owns, and one that is restarted', () => {
    const left = [
      instance(0, { owns: false, current: true, clients: 0 }),
      instance(1),
      instance(2),
      instance(3, { current: true }),
    ];
    expect(all(3, left)).toEqual(['swap 1→0', 'swap 2→1', 'home 3→2']);
  });

  it('go back the same way: a surge instance that nobody is on is only removed', () => {
    const left = [...some(2, () => ({ current: true })), instance(2, { owns: false, clients: 0 })];
    expect(all(2, left)).toEqual(['remove 2']);
  });

  it('go back from the middle: who is empty and unhealthy is restarted first', () => {
    // 0 was restarted on the bad version and never got Ready, 3 is the surge instance on it.
    const left = [
      instance(0, { owns: false, ready: false, clients: 0 }),
      instance(1, { current: true }),
      instance(2, { current: true }),
      instance(3),
    ];
    expect(all(3, left)).toEqual(['restart 0', 'swap 3→0', 'remove 3']);
  });

  it('wait for an owner that is not Ready, whichever template it runs', () => {
    const down = some(3, (o) => ({ ready: o !== 1 }));
    expect(nextStep({ home: 3, instances: down })).toEqual({
      kind: 'wait',
      ordinal: 1,
      current: false,
    });
  });

  it('wait for the spare instance to become Ready', () => {
    const instances = [...some(2), instance(2, { owns: false, current: true, ready: false })];
    expect(nextStep({ home: 2, instances })).toMatchObject({ kind: 'wait', ordinal: 2 });
  });

  it('deal out again what an instance had that was lost on the way', () => {
    const lost = some(3, (o) => ({ current: true, owns: o !== 1 }));
    expect(nextStep({ home: 3, instances: lost })).toEqual({ kind: 'fill', instances: 3 });
  });
});

describe('any roll of up to six instances, whoever runs the present template already', () => {
  /** Every subset of current ones; an empty instance in every place or nowhere, of either template. */
  function* worlds() {
    for (let n = 1; n <= 6; n += 1) {
      for (let bits = 0; bits < 2 ** n; bits += 1) {
        const owners = some(n, (o) => ({ current: (bits & (1 << o)) !== 0, clients: 10 + o }));
        yield owners;
        for (let at = 0; at <= n; at += 1) {
          for (const current of [true, false]) {
            const empty = instance(at, { owns: false, current, clients: 0 });
            const shifted = owners.map((one) =>
              one.ordinal < at ? one : { ...one, ordinal: one.ordinal + 1 },
            );
            yield [...shifted, empty].sort((a, b) => a.ordinal - b.ordinal);
          }
        }
      }
    }
  }

  it('moves nobody more than twice, never touches a holder, and ends at home', () => {
    let seen = 0;
    for (const world of worlds()) {
      seen += 1;
      const home = world.filter(({ owns }) => owns).length;
      const stale = world.filter(({ owns, current }) => owns && !current).length;
      const name = world.map((o) => `${o.owns ? 'o' : '-'}${o.current ? 'c' : 's'}`).join(' ');
      /** Who came from which ordinal, by where they are, and how often they moved. */
      let groups = new Map<number, number>(
        world.filter(({ owns }) => owns).map(({ ordinal }) => [ordinal, 0] as const),
      );
      let instances: readonly RollInstance[] = world;
      let moved = 0;
      let steps = 0;
      for (;;) {
        const next = nextStep({ home, instances });
        if (next.kind !== 'step') {
          expect(next, name).toEqual({ kind: 'done' });
          break;
        }
        const { step } = next;
        steps += 1;
        expect(steps, name).toBeLessThanOrEqual(stepsMax(world.length));
        if (step.to !== undefined) {
          const moves = (groups.get(step.instance as number) ?? NaN) + 1;
          expect(moves, `${name}: ${text(step)}`).toBeLessThanOrEqual(2);
          expect(groups.has(step.to), `${name}: ${text(step)} onto a holder`).toBe(false);
          expect(instances[step.to], name).toMatchObject({ current: true, ready: true });
          groups = new Map([...groups].filter(([at]) => at !== step.instance));
          groups.set(step.to, moves);
          moved += 1;
        }
        // Restarted now, or above what runs afterwards: it holds nothing.
        if (step.instance !== undefined) expect(groups.has(step.instance), name).toBe(false);
        for (const at of groups.keys()) expect(at, name).toBeLessThan(step.replicas);
        instances = after(instances, step);
      }
      expect([...groups.keys()].sort(), name).toEqual(Array.from({ length: home }, (_, o) => o));
      expect(instances.length, name).toBe(home);
      expect(
        instances.every(({ current }) => current),
        name,
      ).toBe(true);
      const strays = world.some(({ owns, ordinal }) => owns && ordinal >= home) ? 1 : 0;
      expect(moved, name).toBeLessThanOrEqual(stale + Math.max(strays, stale > 0 ? 1 : 0));
    }
    expect(seen).toBeGreaterThan(1_500);
  });
});

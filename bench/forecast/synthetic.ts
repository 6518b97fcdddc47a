// Owns: series made from a seed, of every kind that a service's load may be of: with and without seasons,
// noise, bursts, jobs by the clock, regimes, random walks, zeros. Measures nothing.
import { randomOf, type Random } from '../random.js';
import { seriesOf, type Series } from './recorded.js';

interface Shape {
  readonly day: number;
  readonly horizon: number;
  readonly days: number;
}

export const shapes: readonly Shape[] = [
  { day: 288, horizon: 3, days: 42 },
  { day: 288, horizon: 6, days: 28 },
  { day: 288, horizon: 1, days: 16 },
  { day: 96, horizon: 2, days: 60 },
  { day: 48, horizon: 1, days: 90 },
  { day: 24, horizon: 1, days: 60 },
];

/** The value of step n; keeps what it needs from step to step. */
type Load = (step: number) => number;
type Kind = (random: Random, shape: Shape) => Load;

const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** A day with two peaks; weekends have less. */
function season(step: number, day: number): number {
  const at = (step % day) / day;
  const weekend = Math.floor(step / day) % 7 >= 5;
  const wave = 0.8 * Math.sin(2 * Math.PI * (at - 0.3)) + 0.3 * Math.sin(4 * Math.PI * at);
  return (1 + wave) * (weekend ? 0.6 : 1) + 0.3;
}

const around = (random: Random, share: number): number => Math.max(0, 1 + share * normal(random));

const kinds: Readonly<Record<string, Kind>> = {
  constant: () => () => 1_000,
  zeros: () => () => 0,
  'constant, 5 % noise': (random) => () => 1_000 * around(random, 0.05),
  'exact weeks':
    (_, { day }) =>
    (step) =>
      1_000 * season(step, day),
  'weeks, 5 % noise':
    (random, { day }) =>
    (step) =>
      1_000 * season(step, day) * around(random, 0.05),
  'weeks, 20 % noise':
    (random, { day }) =>
    (step) =>
      1_000 * season(step, day) * around(random, 0.2),
  'days without weeks':
    (random, { day }) =>
    (step) =>
      1_000 * (1.2 + Math.sin((2 * Math.PI * step) / day)) * around(random, 0.05),
  'weeks, growing':
    (random, { day }) =>
    (step) =>
      (1_000 + step) * season(step, day) * around(random, 0.03),
  'random walk': (random) => {
    let level = 1_000;
    return () => (level = Math.max(0, level + 20 * normal(random)));
  },
  'back to a mean': (random) => {
    let off = 0;
    return () => Math.max(0, 500 + (off = 0.95 * off + 30 * normal(random)));
  },
  'weeks, drifting': (random, { day }) => {
    let off = 0;
    return (step) =>
      1_000 * season(step, day) * Math.exp((off = 0.98 * off + 0.03 * normal(random)));
  },
  bursts: (random) => () => (random() < 0.01 ? 1_000 + 9_000 * random() : 50 + 10 * normal(random)),
  'a job every day':
    (random, { day }) =>
    (step) =>
      step % day === Math.floor(day / 3) ? 5_000 : 100 + 10 * normal(random),
  'heavy tails': (random) => () => 10 / (1 - random()) ** 0.7,
  'few at a time': (random) => () => Math.floor(-1.2 * Math.log(1 - random())),
  'mostly nothing': (random) => () => (random() < 0.95 ? 0 : Math.ceil(20 * random())),
  'nothing at night':
    (random, { day }) =>
    (step) =>
      Math.max(0, 1_000 * (season(step, day) - 0.9) * around(random, 0.1)),
  regimes: (random, { day }) => {
    let level = 1;
    return () => {
      if (random() < 1 / (3 * day)) level = 0.3 + 3 * random();
      return 500 * level * around(random, 0.05);
    };
  },
  'weeks with regimes': (random, { day }) => {
    let level = 1;
    return (step) => {
      if (random() < 1 / (5 * day)) level = 0.3 + 3 * random();
      return 500 * level * season(step, day) * around(random, 0.05);
    };
  },
  'weeks that end':
    (random, { day, days }) =>
    (step) =>
      1_000 * (step < 0.6 * day * days ? season(step, day) : 1) * around(random, 0.05),
  'weeks that begin':
    (random, { day, days }) =>
    (step) =>
      1_000 * (step > 0.4 * day * days ? season(step, day) : 1) * around(random, 0.05),
  'on and off': (random) => {
    let on = false;
    return () => {
      if (random() < 0.02) on = !on;
      return on ? 1_000 + 20 * normal(random) : 20 + 3 * normal(random);
    };
  },
  'every 37 steps': (random) => (step) => 100 + (step % 37) * 10 + 5 * normal(random),
  'jumps up and down': (random) => {
    let level = 1_000;
    return () => {
      if (random() < 0.005) level *= 0.5 + 1.2 * random();
      return level * around(random, 0.01);
    };
  },
  'weeks with holidays':
    (random, { day }) =>
    (step) =>
      1_000 *
      season(step, day) *
      (Math.floor(step / day) % 11 === 4 ? 0.4 : 1) *
      around(random, 0.04),
  'huge numbers':
    (random, { day }) =>
    (step) =>
      1e12 * season(step, day) * around(random, 0.05),
  'tiny numbers':
    (random, { day }) =>
    (step) =>
      1e-9 * season(step, day) * around(random, 0.05),
};

/** Every kind in one shape; another seed, other series. */
export function syntheticOf(shape: Shape, seed: number): Series[] {
  const { day, horizon, days } = shape;
  return Object.entries(kinds).map(([kind, load], index) => {
    const next = load(randomOf(seed * 1_000 + index), shape);
    const values = Array.from({ length: day * days }, (_, step) => next(step));
    const name = `${kind}, ${day} a day, ${horizon} ahead, ${days} days`;
    return seriesOf('synthetic', name, values, shape);
  });
}

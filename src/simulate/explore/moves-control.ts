// Owns: what the control plane may say and do, at any time: publish the next revision, say something
// twice or in contradiction, resume, and remove an instance that holds nothing. And that somebody
// writes a message.

import { instanceName } from '../../core/records.js';
import { inWords } from './control-messages.js';
import { service } from './host.js';
import type { Moving } from './moving.js';
import type { Env } from './world.js';

export function controlMoves(moving: Moving): void {
  publishes(moving);
  repeats(moving);
  removes(moving);
  const { world, row } = moving;
  if (moving.env.produced < world.options.messages) {
    const env = world.env(row[0] as number, 'produce', (before) => ({
      ...before,
      produced: before.produced + 1,
    }));
    moving.begin().set(0, env);
    moving.done('message', () => `message ${moving.env.produced} is written to p0`);
  }
}

function publishes(moving: Moving): void {
  const { world, row } = moving;
  const { control } = moving.env;
  const said = new Set(control);
  let published = false;
  world.control.forEach(({ type }, number) => {
    if (said.has(number) || (type === 'distribution' && published)) return;
    // Revisions come in their order, everything else at any time.
    if (type === 'distribution') published = true;
    say(moving, row[0] as number, number, type === 'distribution' ? 'publishes' : 'says');
  });
}

/** The last distribution once more. */
function repeats(moving: Moving): void {
  const { world, row } = moving;
  const env = world.spend(row[0] as number, 'repeatedNotices');
  const last = moving.env.control.findLast((n) => world.control[n]?.type === 'distribution');
  if (env !== -1 && last !== undefined) say(moving, env, last, 'publishes again');
}

function say(moving: Moving, env: number, number: number, verb: string): void {
  const { world } = moving;
  const after = world.env(env, `say${number}`, (before: Env) => ({
    ...before,
    control: [...before.control, number],
  }));
  moving.begin().set(0, after);
  const message = world.control[number];
  if (message === undefined) return;
  moving.done(verb, () => `the control plane ${verb} ${inWords(message)}`);
}

/** The highest ordinal is ended by the platform, when the rule allows it. */
function removes(moving: Moving): void {
  const { world, row } = moving;
  if (!world.options.removes) return;
  const latest = moving.env.control
    .map((number) => world.control[number])
    .findLast((message) => message?.type === 'distribution');
  if (latest?.type !== 'distribution') return;
  const ordinal = world.options.instances - 1;
  const { replica } = world.logOf(row[1] as number);
  if (!world.rules.mayRemove(replica, latest.ranges, ordinal)) return;
  for (let slot = 0; slot < world.slots; slot += 1) {
    if (!moving.lives(slot)) continue;
    const facts = world.hostOf(row[world.at(slot).host] as number);
    if (facts.ordinal !== ordinal) continue;
    const name = instanceName(service, ordinal);
    moving.begin().end(slot);
    moving.wrong(facts.holds ? `NoKill: ${name} is removed while it holds partitions` : null);
    moving.done('removed', () => `the control plane removes ${name}`);
  }
}

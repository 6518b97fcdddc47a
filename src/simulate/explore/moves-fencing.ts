// Owns: the steps of a fencing, by the control plane or by a new incarnation of the same ordinal: the
// driver of src/logs/fence.ts, taken apart where something else may come between.

import { copyOf } from './graph.js';
import { fenceStep } from './fence-part.js';
import type { FencePart, FenceStep } from './fence-part.js';
import { landOwnership } from './moves-logs.js';
import type { Moving } from './moving.js';
import { sessionsOutcome } from './sessions-part.js';
import { absent, gone } from './world.js';

export function fencingMoves(moving: Moving): void {
  const { world, row } = moving;
  controlPlaneBegins(moving);
  for (let i = world.firstFence; i < world.width; i += 1) {
    const id = row[i] as number;
    if (id === 0) continue;
    const part = world.fences.get(id);
    const acts = part.by === -1 || moving.isUp(part.by);
    if (part.stage === 'fence-sent') fenceLands(moving, i, part);
    else if (acts && part.stage === 'fence-landed') acknowledged(moving, i, part);
    else if (acts && part.stage === 'waiting') decides(moving, i, part);
    else if (acts && part.stage === 'telling-sessions') tellsSessions(moving, i, part);
    else if (acts && part.stage === 'telling-ownership') tellsOwnership(moving, i, part);
  }
}

/** Suspected, rightly or not. */
function controlPlaneBegins(moving: Moving): void {
  const { world, row } = moving;
  const env = world.spend(row[0] as number, 'fences');
  if (env === -1) return;
  for (let slot = 0; slot < world.slots; slot += 1) {
    if (row[world.at(slot).status] === absent) continue;
    if (moving.lives(slot) && !world.keepsLease(row, slot)) continue;
    const { replica } = world.logOf(row[1] as number);
    if (replica.isFenced(moving.name(slot))) continue;
    moving.begin().set(0, env).startFencing(-1, moving.name(slot));
    const say = () => `the control plane suspects ${moving.name(slot)} and sends a fence`;
    moving.done('control plane fences', say);
  }
}

const fencer = (moving: Moving, { by }: FencePart): string =>
  by === -1 ? 'the control plane' : moving.name(by);

function changed(moving: Moving, i: number, stage: FencePart['stage']): number {
  const { world, row } = moving;
  return world.once(`fs${row[i]}|${stage}`, () =>
    world.fences.idOf({ ...copyOf(world.fences.get(row[i] as number)), stage }),
  );
}

function fenceLands(moving: Moving, i: number, part: FencePart): void {
  const { world, row } = moving;
  moving.begin().set(i, changed(moving, i, 'fence-landed'));
  const { incarnation } = part.fencing?.fence('') as { readonly incarnation: string };
  const named = moving.slotOf(incarnation);
  if (named !== -1 && moving.lives(named)) {
    const { lease } = world.at(named);
    moving.set(lease, world.leaseFenced(row[lease] as number, incarnation));
  }
  const say = () => `the fence of ${incarnation} lands in its lease log`;
  moving.done('fence lands', say);
}

function acknowledged(moving: Moving, i: number, part: FencePart): void {
  const after = step(moving, i, part, 'acknowledged');
  moving.begin().set(i, after);
  moving.done(
    'fence acknowledged',
    () =>
      `${fencer(moving, part)}: the fence of ${moving.name(part.victim)} is acknowledged, the wait begins`,
  );
}

function decides(moving: Moving, i: number, part: FencePart): void {
  const { world, row } = moving;
  const at = world.at(part.victim);
  const ways: [FenceStep, string][] = [['time', 'has waited long enough']];
  if (world.leaseOf(row[at.lease] as number).acked)
    ways.push(['heard', 'hears the victim acknowledge its fence']);
  if (row[at.status] === gone)
    ways.push(['process-ended', 'hears from the platform that the process has ended']);
  for (const [way, said] of ways) {
    const after = step(moving, i, part, way);
    if (after === -1) continue;
    moving.begin().set(i, after);
    const say = () => `${fencer(moving, part)} ${said}: ${moving.name(part.victim)} is silent`;
    moving.done(`fenced by ${way}`, say);
  }
}

function step(moving: Moving, i: number, part: FencePart, way: FenceStep): number {
  const { world, row } = moving;
  const victim = moving.name(part.victim);
  const { marginMs } = world.options.limits;
  return world.once(`fx${row[i]}|${way}`, () => {
    const after = fenceStep(part, way, victim, marginMs);
    return after === null ? -1 : world.fences.idOf(after);
  });
}

function tellsSessions(moving: Moving, i: number, part: FencePart): void {
  const { world, row } = moving;
  const { fenced } = part;
  if (fenced === null) return;
  const sessions = world.once(`tf${row[2]}|${fenced.incarnation}`, () =>
    world.sessions.idOf(sessionsOutcome(world.sessions.get(row[2] as number), fenced, true).part),
  );
  moving
    .begin()
    .set(i, changed(moving, i, 'telling-ownership'))
    .set(2, sessions);
  moving.done(
    'fenced in sessions',
    () => `\`fenced\` of ${fenced.incarnation} is in the sessions log`,
    () => ({ topic: 'sessions', value: fenced }),
  );
}

function tellsOwnership(moving: Moving, i: number, part: FencePart): void {
  const { world } = moving;
  const { fenced } = part;
  if (fenced === null) return;
  moving.begin().set(i, changed(moving, i, 'done'));
  const offset = landOwnership(moving, world.records.idOf(fenced));
  moving.done(
    'fenced in ownership',
    () => `\`fenced\` of ${fenced.incarnation} lands in the ownership log at ${offset}`,
    () => ({ topic: 'ownership', value: fenced }),
  );
}

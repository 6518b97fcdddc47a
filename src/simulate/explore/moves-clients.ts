// Owns: what may happen between clients, the directory and the sockets of instances. The directory may
// be wrong: it names any instance. A socket is taken by any running process of the ordinal dialled.

import { consequences, clientOf } from './moving.js';
import type { Moving } from './moving.js';
import type { ClientWire } from './client-part.js';
import { instanceName } from '../../core/records.js';
import { service, urlOf } from './host.js';
import { gone } from './world.js';

export function clientMoves(moving: Moving): void {
  const { world } = moving;
  for (let client = 0; client < world.options.clients.length; client += 1) {
    const index = world.firstClient + client;
    const part = world.clients.get(moving.row[index] as number);
    const { phase } = part.state;
    if (phase === 'idle') plain(moving, client, 'start', 'client starts', { kind: 'start' });
    if (phase === 'asking') answers(moving, client);
    if (phase === 'waiting')
      plain(moving, client, 'wake', 'client waited', { kind: 'wake', random: 0 });
    else if (phase !== 'idle' && phase !== 'asking' && phase !== 'stopped') loses(moving, client);
    for (const wire of part.wires) {
      if (wire.slot === -1) connects(moving, client, wire);
      else reads(moving, client, wire);
    }
  }
  for (let slot = 0; slot < world.slots; slot += 1) {
    if (!moving.isUp(slot)) continue;
    socketsClose(moving, slot);
    messagesGoOut(moving, slot);
  }
}

function plain(
  moving: Moving,
  client: number,
  key: string,
  kind: string,
  event: { readonly kind: 'start' } | { readonly kind: 'wake'; readonly random: number },
): void {
  const { world, row } = moving;
  const index = world.firstClient + client;
  const { client: after, violation } = world.client(row[index] as number, key, () => event);
  moving.begin().set(index, after).wrong(violation);
  const says = event.kind === 'start' ? 'asks the directory' : 'has waited and tries again';
  moving.done(kind, () => `client c${client} ${says}`);
}

function answers(moving: Moving, client: number): void {
  const { world, row } = moving;
  const index = world.firstClient + client;
  const id = row[index] as number;
  const { state, session: before } = world.clients.get(id);
  const { ask } = state;
  const token = String(Math.min(before + 1, world.options.sessions));
  for (let ordinal = 0; ordinal < world.options.instances; ordinal += 1) {
    const session = { url: urlOf(ordinal), token, instance: instanceName(service, ordinal) };
    const { client: after } = world.client(id, `answer${ordinal}`, () => ({
      kind: 'answered',
      ask,
      session,
    }));
    moving.begin().set(index, after);
    const say = () => `the directory sends client c${client} to ${session.instance}`;
    moving.done('directory answers', say);
  }
}

/** Its socket breaks, or it has no more patience with a silent one. */
function loses(moving: Moving, client: number): void {
  const { world, row } = moving;
  const index = world.firstClient + client;
  const id = row[index] as number;
  const { wires, state } = world.clients.get(id);
  const wire = wires.find(({ socket }) => socket === state.socket);
  const server = wire === undefined ? -1 : wire.slot;
  const isGone = server !== -1 && row[world.at(server).status] === gone;
  const nobody = server === -1 && wire !== undefined && !taker(moving, wire.ordinal);
  const env = isGone || nobody ? (row[0] as number) : world.spend(row[0] as number, 'lostSockets');
  if (env === -1) return;
  const { socket } = state;
  const lost = world.client(id, 'lost', () => ({ kind: 'lost', socket, code: 1006, random: 0 }));
  moving.begin().set(0, env).set(index, lost.client).wrong(lost.violation);
  const kind = isGone || nobody ? 'nobody there' : 'socket lost';
  moving.done(kind, () => `client c${client} loses its socket`);
  if (isGone || nobody) return;
  const bored = world.client(id, 'wake', () => ({ kind: 'wake', random: 0 }));
  if (bored.client === lost.client) return;
  moving.begin().set(0, env).set(index, bored.client).wrong(bored.violation);
  moving.done('patience lost', () => `client c${client} hears nothing for too long and gives up`);
}

function taker(moving: Moving, ordinal: number): boolean {
  const { world, row } = moving;
  for (let slot = 0; slot < world.slots; slot += 1) {
    if (!moving.lives(slot)) continue;
    if (world.hostOf(row[world.at(slot).host] as number).ordinal === ordinal) return true;
  }
  return false;
}

/** The socket opens and the hello arrives: what comes between is the same as a later opening. */
function connects(moving: Moving, client: number, { socket, ordinal }: ClientWire): void {
  const { world, row } = moving;
  const index = world.firstClient + client;
  const opened = world.client(row[index] as number, `opened${socket}`, () => ({
    kind: 'opened',
    socket,
  }));
  const { hello } = opened;
  if (hello === null) return;
  const partition = world.options.clients[client] as number;
  for (let slot = 0; slot < world.slots; slot += 1) {
    if (!moving.isUp(slot)) continue;
    if (world.hostOf(row[world.at(slot).host] as number).ordinal !== ordinal) continue;
    const connection = freeConnection(moving, client);
    if (connection === null) continue;
    const { token: session, next, revision } = hello;
    const taken = world.once(`tk${opened.client}|${socket}|${slot}|${connection}`, () => {
      const part = world.clients.get(opened.client);
      const wires = part.wires.map((wire) =>
        wire.socket === socket ? { ...wire, slot, connection } : wire,
      );
      return world.clients.idOf({ ...part, wires });
    });
    moving.begin().set(index, taken);
    const user = `c${client}`;
    const identity = { partition, user, client: 'd', session, sessionAtMs: Number(session) };
    const outcome = moving.host(slot, `hello${connection}|${next}|${revision}`, (host) => {
      host.hello(connection, identity, revision ?? null, next === null ? null : Number(next));
    });
    const say = () =>
      `client c${client} says hello to ${moving.name(slot)} (${connection})${consequences(outcome)}`;
    moving.done('hello', say);
  }
}

/** An instance notices that a client has left before the client has come back so often. */
const connectionsMax = 2;

/** The first name that no part of the world knows any more; null while too many are known. */
function freeConnection({ world, row }: Moving, client: number): string | null {
  const used = new Set<string>();
  for (let slot = 0; slot < world.slots; slot += 1) {
    const at = world.at(slot);
    if (row[at.status] === 0) continue;
    for (const id of world.hostOf(row[at.host] as number).connections) used.add(id);
    for (const { record } of world.evidences.get(row[at.evidence] as number))
      used.add(record.connection);
  }
  for (const { connection } of world.sessions.get(row[2] as number).open) used.add(connection);
  const { wires } = world.clients.get(row[world.firstClient + client] as number);
  for (const { connection } of wires) if (connection !== null) used.add(connection);
  for (let i = 1; i <= connectionsMax; i += 1)
    if (!used.has(`c${client}-${i}`)) return `c${client}-${i}`;
  return null;
}

function reads(moving: Moving, client: number, { socket, frames }: ClientWire): void {
  const first = frames[0];
  if (first === undefined) return;
  const { world, row } = moving;
  const index = world.firstClient + client;
  const key = `read${socket}`;
  const after = world.client(row[index] as number, key, () => ({ kind: 'read', socket }));
  moving.begin().set(index, after.client).wrong(after.violation);
  moving.done(`client reads ${first.type}`, () => {
    const offset = first.type === 'message' ? ` ${String(first['offset'])}` : '';
    return `client c${client} reads \`${first.type}\`${offset}`;
  });
}

/** The instance closes a socket that it ended, or notices that a client has left one. */
function socketsClose(moving: Moving, slot: number): void {
  const { world, row } = moving;
  const facts = world.hostOf(row[world.at(slot).host] as number);
  for (const id of facts.sockets) {
    const { wires } = world.clients.get(row[world.firstClient + clientOf(id)] as number);
    const isLeft = !wires.some(({ connection }) => connection === id);
    if (!isLeft && !facts.ended.includes(id)) continue;
    moving.begin();
    const outcome = moving.host(slot, `closed${id}`, (host) => {
      host.socketClosed(id);
    });
    const say = () => `${moving.name(slot)}: the socket of ${id} is closed${consequences(outcome)}`;
    moving.done('socket closes', say);
  }
}

function messagesGoOut(moving: Moving, slot: number): void {
  const { world, row } = moving;
  const { produced } = moving.env;
  if (produced === 0 || !world.isGood(row, slot)) return;
  const facts = world.hostOf(row[world.at(slot).host] as number);
  for (const [id, next] of facts.reading) {
    const partition = world.options.clients[clientOf(id)] as number;
    if (next >= produced || (facts.speaksFor & (1 << partition)) === 0) continue;
    moving.begin();
    moving.host(slot, `message${id}`, (host) => {
      host.wires.get(id)?.message();
    });
    moving.done('message goes out', () => `${moving.name(slot)} delivers message ${next} to ${id}`);
  }
}

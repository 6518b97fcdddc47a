// Owns: the worlds that are explored to closure, with their budgets. Each is as large as a minute or
// two of one core allows; together they go through every fault that the protocol must survive.

import { noFaults, shortest } from './world-options.js';
import type { Budgets, WorldLimits, WorldOptions } from './world-options.js';

/** A partition with a client that goes from s-0 to s-1, and nothing that can go wrong. */
const plain: WorldOptions = {
  name: 'move',
  about: 'a partition moves with its client',
  instances: 2,
  partitions: 1,
  revisions: [[0], [1]],
  clients: [0],
  messages: 0,
  leases: [],
  heartbeatsUnderWay: 1,
  says: [],
  leaves: [],
  sessions: 1,
  removes: false,
  checkpoints: false,
  comesToRest: true,
  budgets: noFaults,
  limits: shortest,
};

function world(
  name: string,
  about: string,
  more: Partial<Omit<WorldOptions, 'budgets' | 'limits'>>,
  budgets: Partial<Budgets> = {},
  limits: Partial<WorldLimits> = {},
): WorldOptions {
  const { budgets: none, limits: usual } = plain;
  const all = { budgets: { ...none, ...budgets }, limits: { ...usual, ...limits } };
  return { ...plain, name, about, ...more, ...all };
}

const alone = { instances: 1, revisions: [[0]], clients: [], leases: [0], checkpoints: true };

export const worlds: readonly WorldOptions[] = [
  plain,
  world(
    'devices',
    'a partition moves with two clients, and a record arrives a second time',
    // Clients that wait do so for ever here: they may be stuck, in exchange for fewer states.
    { clients: [0, 0], comesToRest: false },
    { duplicates: 1 },
    { parkedMs: Number.POSITIVE_INFINITY },
  ),
  world(
    'sockets',
    'a client loses its socket, or its patience, while its partition moves',
    { sessions: 2 },
    { lostSockets: 1 },
  ),
  world('messages', 'messages are written while a partition moves', { messages: 2 }),
  world('lapses', 'a partition moves while the lease of its owner comes and goes', { leases: [0] }),
  world(
    'suspicion',
    'the control plane fences somebody, rightly or not, while a partition moves',
    { clients: [], leases: [0, 1] },
    { fences: 1 },
  ),
  world(
    'zombie',
    'an instance stands still, its successor begins, and somebody else fences too',
    alone,
    { crashes: 1, restarts: 1, pauses: 1, fences: 1, duplicates: 1 },
  ),
  world('crashes', 'an instance crashes again and again', alone, {
    ...{ crashes: 2, restarts: 2, duplicates: 1 },
  }),
  world(
    'drift',
    'leases in finer steps: two heartbeats under way, a longer lease, a pause and a fence',
    { clients: [], leases: [0], heartbeatsUnderWay: 2 },
    { fences: 1, pauses: 1 },
    { ttlMs: 2 },
  ),
  world(
    'come-back',
    'a client comes back to the successor of a dead or a sleeping instance',
    { ...alone, clients: [0] },
    { crashes: 1, restarts: 1, pauses: 1 },
  ),
  world(
    'replaced',
    'giver or receiver crash in the middle of a move and are started again',
    { clients: [], leases: [0] },
    { crashes: 1, restarts: 1 },
  ),
  world('swap', 'two instances exchange their partitions, one of them with a client', {
    ...{ partitions: 2, clients: [0] },
    revisions: [
      [0, 1],
      [1, 0],
    ],
  }),
  world('waves', 'two partitions move in two waves, one of them with a client', {
    ...{ partitions: 2, clients: [0] },
    revisions: [
      [0, 0],
      [1, 1],
    ],
  }),
  world('chain', 'three instances, and a revision that comes while the last is under way', {
    ...{ instances: 3, revisions: [[0], [1], [2]], clients: [], says: ['prepare'] },
  }),
  world(
    'words',
    'the control plane prepares, holds and resumes, and says things twice',
    { clients: [], says: ['prepare', 'hold', 'resume'] },
    { repeatedNotices: 1 },
  ),
  world('leave', 'the owner is told to end while its partition moves', { leaves: [0] }),
  world('shrink', 'the highest instance is removed once it holds nothing', {
    ...{ revisions: [[1], [0]], removes: true },
  }),
];

// Owns: the worlds that are explored to closure, with their budgets. Each is as large as a minute or
// two of one core allows; together they go through every fault that the protocol must survive.

import { noFaults, shortest } from './world-options.js';
import type { WorldOptions } from './world-options.js';

const plain: WorldOptions = {
  name: 'grow',
  about: 'a partition with its client moves to a new instance; nothing fails',
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

export const worlds: readonly WorldOptions[] = [plain];

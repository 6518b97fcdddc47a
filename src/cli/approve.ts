// `evenkeel approve SERVICE`: lets a rebalance that waits for approval go on.

import type { Command } from 'commander';
import { approveUpdate } from '../../workflows/messages.js';
import { operatorCommand } from './operator-word.js';

export const approveCommand = (): Command =>
  operatorCommand(
    'approve',
    'let the rebalance that waits for approval go on',
    approveUpdate,
    'plan',
  );

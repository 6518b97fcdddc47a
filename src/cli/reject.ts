// `evenkeel reject SERVICE`: ends a rebalance that waits for approval; nothing has been changed yet.

import type { Command } from 'commander';
import { rejectUpdate } from '../../workflows/messages.js';
import { operatorCommand } from './operator-word.js';

export const rejectCommand = (): Command =>
  operatorCommand('reject', 'end the rebalance that waits for approval', rejectUpdate, 'plan');

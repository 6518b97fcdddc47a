// `evenkeel abort SERVICE`: stops the running rebalance and undoes what it has begun.

import type { Command } from 'commander';
import { abortUpdate } from '../../workflows/messages.js';
import { operatorCommand } from './operator-word.js';

export const abortCommand = (): Command =>
  operatorCommand(
    'abort',
    'stop the running rebalance and undo what it has begun',
    abortUpdate,
    'request',
  );

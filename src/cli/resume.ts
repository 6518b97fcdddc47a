// `evenkeel resume SERVICE`: the Schedule evaluates again.

import type { Command } from 'commander';
import { scheduleSwitch } from './schedule-switch.js';

export const resumeCommand = (): Command =>
  scheduleSwitch('resume', 'evaluate a service again after a pause');

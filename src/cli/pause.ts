// `evenkeel pause SERVICE`: no more evaluations by the Schedule until it is resumed.

import type { Command } from 'commander';
import { scheduleSwitch } from './schedule-switch.js';

export const pauseCommand = (): Command =>
  scheduleSwitch('pause', 'stop evaluating a service; asking by hand still works');

// The surfaces that are fuzzed, in the order of their turns.

import type { Target } from '../target.js';
import { openClient } from './client.js';
import { openDirectory } from './directory.js';
import { openExports } from './exports.js';
import { openFrames } from './frames.js';
import { openRecords } from './records.js';
import { openTopics } from './topics.js';

export const openers: Readonly<Record<string, () => Promise<Target>>> = {
  frames: openFrames,
  topics: openTopics,
  records: openRecords,
  client: openClient,
  directory: openDirectory,
  exports: openExports,
};

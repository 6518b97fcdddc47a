// Owns: what the commands that are a local Evenkeel have in common. Opens nothing.

import { Option } from 'commander';
import { BadInputError } from '../errors.js';
import { partitionsMax } from '../server/environment.js';
import { dataDirDefault } from '../supervisor/folder.js';
import { wholeNumber } from './given.js';

/** Where the local parts find one another. */
export function dataDirOption(): Option {
  return new Option('--data-dir <folder>', 'where keys, addresses and logs are')
    .env('EVENKEEL_DATA_DIR')
    .default(dataDirDefault);
}

/** Throws BadInputError. */
export function partitionsOf(text: string | undefined): number {
  if (text !== undefined) return wholeNumber('--partitions', text, { min: 1, max: partitionsMax });
  throw new BadInputError('--partitions is missing: say how many the service has', {
    field: '--partitions',
    found: 'nothing',
    allowed: `1 to ${partitionsMax}`,
  });
}

// Owns: taking no distribution from ConfigDB that breaks Tiling: somebody wrote it by hand, or a bug
// of ours did. A saga that went on from it would give partitions to nobody, or twice. Repairs nothing.

import { checkTiling } from '../src/core/distribution.js';
import type { ConfigDb, DistributionDoc } from '../src/ports.js';
import { finalFailure } from './errors.js';

/** The same ConfigDB; throws a final failure `BrokenDistribution` instead of answering a broken one. */
export function wholeDistributions(configDb: ConfigDb): ConfigDb {
  return {
    ...configDb,
    latestDistribution: async (service) => whole(await configDb.latestDistribution(service)),
    distribution: async (service, revision) =>
      whole(await configDb.distribution(service, revision)),
  };
}

function whole(doc: DistributionDoc | null): DistributionDoc | null {
  if (doc === null) return null;
  const { service, revision, partitions, ranges } = doc;
  assertTiling(`distribution ${service}@${revision} in ConfigDB`, { partitions, ranges });
  return doc;
}

/** Throws a final failure that says what is wrong with the ranges. */
export function assertTiling(
  what: string,
  { partitions, ranges }: Pick<DistributionDoc, 'partitions' | 'ranges'>,
): void {
  const found: unknown = ranges;
  const isList = Array.isArray(found) && found.every((range) => Array.isArray(range));
  const wrong = isList ? checkTiling({ partitions, ranges }) : 'it has no list of ranges';
  if (wrong === undefined) return;
  throw finalFailure(
    'BrokenDistribution',
    `${what} is not usable: ${wrong}. Insert a whole one with a higher revision, or restore ConfigDB.`,
  );
}

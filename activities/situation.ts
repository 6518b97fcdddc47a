// Owns: looking: who holds what by the log, who shall by ConfigDB, who can be reached. Reads only.

import { createHash } from 'node:crypto';
import { shorten } from '../src/core/bytes.js';
import {
  canonicalText,
  distributionFromRanges,
  rangesByInstance,
  type OwnedRange,
} from '../src/core/distribution.js';
import { formatRanges, normalize, type Range } from '../src/core/ranges.js';
import { instanceName, ordinalOf, type AddressBook } from '../src/core/records.js';
import type { OwnershipView } from '../src/logs/ownership-view.js';
import type { DistributionDoc, InstanceReport } from '../src/ports.js';
import type { Connections } from './connections.js';

/** Ranges in summaries: a payload stays below 2 KB. */
const rangesTextMaxBytes = 450;

/** The view, current as of now. */
export async function currentView(
  { ownership }: Connections,
  service: string,
  partitions: number,
): Promise<OwnershipView> {
  const view = await ownership(service, partitions);
  await view.caughtUp();
  return view;
}

/**
 * Who owns each partition now, as ranges per instance name. What nobody holds at this moment counts
 * as its target's when the latest distribution names one: it is on its way there. Unless that one is
 * `gone`: then nobody has it.
 */
export function actualOwnership(
  view: OwnershipView,
  service: string,
  latest: Pick<DistributionDoc, 'ranges'> | null,
  gone: readonly string[] = [],
): Readonly<Record<string, readonly Range[]>> {
  const owned = new Map<string, Range[]>();
  const add = (instance: string, range: Range) => {
    const ranges = owned.get(instance);
    if (ranges === undefined) owned.set(instance, [range]);
    else ranges.push(range);
  };
  for (const { from, to, holder, ordinal } of segments(view, latest?.ranges ?? [])) {
    if (holder !== null) {
      add(holder, [from, to]);
      continue;
    }
    const target = ordinal === null ? null : instanceName(service, ordinal);
    if (target !== null && !gone.includes(target)) add(target, [from, to]);
  }
  return Object.fromEntries([...owned].map(([instance, ranges]) => [instance, normalize(ranges)]));
}

/** How many partitions are held by whom the ranges name, and the first range that is not. */
export function heldAsPlanned(
  view: OwnershipView,
  service: string,
  ranges: readonly OwnedRange[],
): { readonly held: number; readonly firstWrong: string | null } {
  let held = 0;
  let firstWrong: string | null = null;
  for (const { from, to, holder, ordinal } of segments(view, ranges)) {
    const wanted = ordinal === null ? null : instanceName(service, ordinal);
    if (holder === wanted && wanted !== null) held += to - from + 1;
    else {
      const where = formatRanges([[from, to]]);
      firstWrong ??= `${where} is held by ${holder ?? 'nobody'}, planned for ${wanted ?? 'nobody'}`;
    }
  }
  return { held, firstWrong };
}

/** How many partitions an instance holds by the log. */
export function heldBy(view: OwnershipView, instance: string): number {
  let held = 0;
  for (const [from, to, holder] of view.ranges()) if (holder === instance) held += to - from + 1;
  return held;
}

/** Where each instance of the platform is reached, by its own word where it gave one. */
export async function addressBook(
  { platform, configDb }: Connections,
  service: string,
): Promise<AddressBook> {
  const [view, reports] = await Promise.all([platform.observe(service), configDb.reports(service)]);
  const byName = new Map(reports.map((report) => [report.instance, report]));
  return Object.fromEntries(
    view.instances.map(({ name, url }) => {
      const report = byName.get(name);
      return [
        name,
        report === undefined ? { url } : { url: report.url, incarnation: report.incarnation },
      ];
    }),
  );
}

/** A number that nobody has used for anything: above ConfigDB, the log, every report and what was told. */
export function nextRevision(
  latest: Pick<DistributionDoc, 'revision'> | null,
  view: Pick<OwnershipView, 'highestRevision'>,
  reports: readonly Pick<InstanceReport, 'revision'>[],
  told: { readonly revision: number } | null,
): number {
  const reported = reports.reduce((highest, report) => Math.max(highest, report.revision), 0);
  const known = Math.max(latest?.revision ?? 0, told?.revision ?? 0);
  return Math.max(known, view.highestRevision(), reported) + 1;
}

/** Sorted, joined ranges with ordinals from ranges per instance name. */
export function toOwnedRanges(
  service: string,
  partitions: number,
  instances: Readonly<Record<string, readonly Range[]>>,
): readonly OwnedRange[] {
  const owned = Object.entries(instances).map(
    ([name, ranges]) => [ordinalOf(name) ?? -1, ranges] as const,
  );
  return distributionFromRanges({ service, revision: 0, partitions }, owned).ranges;
}

/** Ranges per instance name. */
export function rangesByName(
  service: string,
  ranges: readonly OwnedRange[],
): Readonly<Record<string, readonly Range[]>> {
  const byOrdinal = [...rangesByInstance({ ranges })];
  return Object.fromEntries(byOrdinal.map(([o, own]) => [instanceName(service, o), own]));
}

/** Identifies a distribution: the same number with another hash is an alarm. */
export function hashOf(
  service: string,
  revision: number,
  partitions: number,
  ranges: readonly OwnedRange[],
): string {
  const text = canonicalText({ service, revision, partitions, ranges });
  return createHash('sha256').update(text).digest('hex');
}

/** `0→[0-119] 1→[180-299]`, cut where it gets long. */
export function rangesText(ranges: readonly OwnedRange[]): string {
  const text = [...rangesByInstance({ ranges })]
    .map(([ordinal, own]) => `${ordinal}→${formatRanges(own)}`)
    .join(' ');
  return shorten(text, rangesTextMaxBytes);
}

export function sameRanges(a: readonly OwnedRange[], b: readonly OwnedRange[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Ordinals that own something. */
export function membersOf(ranges: readonly OwnedRange[]): readonly number[] {
  return [...rangesByInstance({ ranges }).keys()];
}

interface Segment {
  readonly from: number;
  readonly to: number;
  /** Who holds it by the log. */
  readonly holder: string | null;
  /** Whom the ranges name; null where they name nobody. */
  readonly ordinal: number | null;
}

/** Ownership and sorted ranges laid over each other: pieces with one holder and one owner. O(R). */
export function* segments(
  view: Pick<OwnershipView, 'ranges'>,
  ranges: readonly OwnedRange[],
): Generator<Segment> {
  let at = 0;
  for (const [first, last, holder] of view.ranges()) {
    let from = first;
    while (from <= last) {
      while (at < ranges.length && (ranges[at] as OwnedRange)[1] < from) at += 1;
      const [start, end, ordinal] = ranges[at] ?? [last + 1, last + 1, 0];
      const inside = start <= from;
      const to = Math.min(last, inside ? end : start - 1);
      yield { from, to, holder, ordinal: inside ? ordinal : null };
      from = to + 1;
    }
  }
}

// Owns: whether ConfigDB has forgotten something (a backup was restored, its last second was lost),
// decided from the numbers that are seen elsewhere: in the ownership log, on the control topic, in the
// instances' reports and on the platform. And whether P is the same wherever it is known. Never mends.

/** Epochs that a run may have taken and told nobody: each try of its first step takes one. */
export const untoldEpochsMax = 100;

export interface Numbers {
  readonly revision: number;
  readonly epoch: number;
}

export interface Seen {
  /** The latest distribution in ConfigDB; null when there is none. */
  readonly latest: {
    readonly revision: number;
    readonly hash: string;
    readonly cause: string;
  } | null;
  /** Highest in ConfigDB; 0 when none was taken. */
  readonly epoch: number;
  /** What the instances were last told to strive for; null when they were told nothing. */
  readonly told: { readonly revision: number; readonly hash: string } | null;
  /** Highest of any control message, also of one that was only prepared. */
  readonly said: Numbers;
  /** Highest by the valid records of the ownership log; 0 for an empty one. */
  readonly claimed: number;
  readonly reported: Numbers;
  /** Highest epoch that wrote on the platform. */
  readonly platformEpoch: number;
}

export interface Memory {
  /**
   * Whether the distribution in force is another one than ConfigDB's latest: `forgotten` is mended by
   * a new revision; `untold` was written as such a revision and never heard of.
   */
  readonly distribution: 'known' | 'forgotten' | 'untold';
  /** The next ones must be above these. */
  readonly above: Numbers;
  /** What was found, one sentence each. */
  readonly notes: readonly string[];
}

/** `cause` of a distribution that reconcile wrote because ConfigDB had forgotten those before it. */
export const mendCause = 'mend';

export function memoryOf(seen: Seen): Memory {
  const { latest, told, said, claimed, reported } = seen;
  const known = latest?.revision ?? 0;
  const inForce = Math.max(claimed, told?.revision ?? 0, reported.revision);
  const seenEpoch = Math.max(said.epoch, reported.epoch, seen.platformEpoch);
  const epochsForgotten = seenEpoch > seen.epoch;
  const twice = told !== null && told.revision === known && told.hash !== latest?.hash;
  const notes: string[] = [];
  if (inForce > known) {
    const ends = latest === null ? 'has no distribution' : `ends at revision ${known}`;
    notes.push(`ConfigDB ${ends}, and revision ${inForce} ${whereSeen(seen, inForce)}`);
  }
  if (twice) {
    notes.push(`revision ${known} in ConfigDB is another one than the instances were told of`);
  }
  if (epochsForgotten) {
    notes.push(`ConfigDB ends at epoch ${seen.epoch}, and epoch ${seenEpoch} was seen`);
  }
  const untold = latest?.cause === mendCause && (told?.revision ?? 0) < known;
  return {
    distribution: inForce > known || twice ? 'forgotten' : untold ? 'untold' : 'known',
    above: {
      revision: Math.max(known, inForce, said.revision),
      epoch: epochsForgotten ? seenEpoch + untoldEpochsMax : seen.epoch,
    },
    notes,
  };
}

function whereSeen({ told, claimed }: Seen, revision: number): string {
  if (told?.revision === revision) return 'was told to the instances';
  return claimed === revision ? 'is in the ownership log' : 'is reported by an instance';
}

/** Every place that knows P, and what it says; null where it says nothing. */
export interface PartitionCounts {
  readonly service: string;
  readonly policy: number;
  /** Of the messages' topic; 0: it is not there, which others complain of. */
  readonly topic: { readonly name: string; readonly partitions: number };
  /** Of the latest distribution. */
  readonly distribution: { readonly revision: number; readonly partitions: number } | null;
  /** Of the ranges that instances were last told to strive for. */
  readonly told: { readonly revision: number; readonly partitions: number } | null;
}

/** A sentence that names both numbers and what to do; undefined while P is the same everywhere. */
export function partitionsFault(counts: PartitionCounts): string | undefined {
  const { service, policy, topic, distribution, told } = counts;
  for (const served of [distribution, told]) {
    if (served === null || served.partitions === policy) continue;
    return `the policy of ${service} says ${policy} partitions, and revision ${served.revision}, which is served, has ${served.partitions}: that number never changes, because a user's partition is a hash modulo it. Apply the policy with partitions: ${served.partitions} again`;
  }
  if (topic.partitions === policy || topic.partitions === 0) return undefined;
  return `topic ${topic.name} has ${topic.partitions} partitions, and ${service} runs with ${policy}: that number never changes, because a user's partition is a hash modulo it. Nothing is moved. Restore the topic with ${policy} partitions, or run ${topic.partitions} as a service under another name`;
}

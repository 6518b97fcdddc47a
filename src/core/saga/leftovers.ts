// Owns: what is to be done about what an earlier run left behind, decided from how that run is
// recorded, what ConfigDB wants, what the ownership log shows and what the platform runs; never from
// the memory of anybody. Never does it.

/** As `rebalances` in ConfigDB tell of the last run; null: it recorded no outcome, so it died. */
export interface EarlierRun {
  readonly id: string;
  readonly outcome: string | null;
}

export interface Found {
  /** The last run before this one; null when there was none. */
  readonly earlier: EarlierRun | null;
  /** Owners of the latest distribution; null before the first. */
  readonly owners: readonly number[] | null;
  /** Owners of the last distribution before the trouble began; null when there is none. */
  readonly formerOwners: readonly number[] | null;
  /** Partitions that are not where the latest distribution wants them. */
  readonly astray: number;
  readonly replicas: number;
  /** Ordinals, from the top, that neither hold nor shall hold anything. */
  readonly emptySurplus: number;
}

export interface Tidying {
  /** Say `cancel-prepare` and `resume`: nobody warms up or holds for a run that is over. */
  readonly releaseHolds: boolean;
  /** Remove the empty surplus: whoever wanted it did not live to use it. */
  readonly removeSurplus: boolean;
  /** How many instances a request that names no number is to end with; null: as it would otherwise. */
  readonly instances: number | null;
  /** One sentence each. */
  readonly notes: readonly string[];
}

/** Outcomes after which everything is as its record says. */
const tidyOutcomes = [
  'completed',
  'recovered',
  'unnecessary',
  'refused',
  'rejected',
  'undone',
  'aborted',
];

/** Whether a run with this outcome left nothing behind; null: it recorded none. */
export function isTidy(outcome: string | null): boolean {
  return outcome !== null && tidyOutcomes.includes(outcome);
}

/**
 * A run that died half-way is finished: what ConfigDB wants is what a person last saw decided. One
 * whose undo failed is undone: that is what it was about when it failed.
 */
export function tidyingOf(found: Found): Tidying {
  const { earlier, owners, formerOwners, astray, emptySurplus } = found;
  const notes: string[] = [];
  const strays = `${astray} partitions are not where the latest distribution wants them`;
  if (earlier === null || isTidy(earlier.outcome)) {
    if (astray > 0) notes.push(strays);
    return { releaseHolds: false, removeSurplus: false, instances: null, notes };
  }
  const died = earlier.outcome === null;
  notes.push(
    died
      ? `${earlier.id} ended without an outcome: its warm-up and holds are cancelled`
      : `${earlier.id} could not be undone: tried again`,
  );
  if (astray > 0) notes.push(strays);
  if (emptySurplus > 0) notes.push(`${emptySurplus} instances were started and hold nothing`);
  const goal = died ? owners : (formerOwners ?? owners);
  return {
    releaseHolds: true,
    removeSurplus: emptySurplus > 0,
    instances: goal === null ? null : goal.length,
    notes,
  };
}

// What the simulated world's ConfigDB holds: distributions by revision, reports, answers to a
// preparation, checkpoints. Like the real one it may be away, and nothing that safety rests on is in
// it.

import { checkTiling, type Distribution } from '../../core/distribution.js';
import type { OwnershipSnapshot } from '../../core/handover/ownership-log.js';
import type { SimInstance } from './instance.js';

/** What an instance last said of itself. */
export interface Report {
  readonly incarnation: string;
  readonly revision: number;
  readonly takenBack: number;
}

export class SimConfigDb {
  readonly reports = new Map<string, Report>();
  /** Rebalance → instance → its incarnation. */
  readonly warmed = new Map<string, Map<string, string>>();
  latest: Distribution | null = null;
  checkpoint: OwnershipSnapshot | undefined;
  isAway = false;
  private readonly violate: (invariant: string, text: string) => void;

  constructor(violate: (invariant: string, text: string) => void) {
    this.violate = violate;
  }

  /** One insert; whoever comes second with a number has lost. */
  insert(distribution: Distribution): void {
    const wrong = checkTiling(distribution);
    if (wrong !== undefined) {
      this.violate('Tiling', `revision ${distribution.revision}: ${wrong}`);
    }
    const before = this.latest?.revision ?? 0;
    if (distribution.revision <= before) {
      this.violate('Monotone', `revision ${distribution.revision} came after ${before}`);
    }
    this.latest = distribution;
  }

  report(instance: SimInstance): void {
    if (this.isAway) return;
    this.reports.set(instance.name, {
      incarnation: instance.incarnation,
      revision: instance.handOver.goals.target?.revision ?? 0,
      takenBack: instance.handOver.takenBackPartitions().length,
    });
  }

  saveWarmed(instance: SimInstance, rebalance: string): void {
    if (this.isAway) return;
    const answers = this.warmed.get(rebalance) ?? new Map<string, string>();
    answers.set(instance.name, instance.incarnation);
    this.warmed.set(rebalance, answers);
  }
}

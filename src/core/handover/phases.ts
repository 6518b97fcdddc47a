// The phases of all partitions that mean anything to one instance; what is not here is idle. Owns the
// table and its counts; which phase follows which is decided in hand-over.ts.

import type { Phase } from './phase.js';

export class Phases {
  private readonly table = new Map<number, Phase>();

  of(partition: number): Phase | undefined {
    return this.table.get(partition);
  }

  kindOf(partition: number): Phase['kind'] | 'idle' {
    return this.table.get(partition)?.kind ?? 'idle';
  }

  set(partition: number, phase: Phase): void {
    this.table.set(partition, phase);
  }

  delete(partition: number): void {
    this.table.delete(partition);
  }

  entries(): Iterable<readonly [partition: number, phase: Phase]> {
    return this.table;
  }

  /** `held` counts what is being given away as long as its clients may still be here. */
  counts(): { readonly held: number; readonly warm: number } {
    let held = 0;
    let warm = 0;
    for (const { kind } of this.table.values()) {
      if (kind === 'held' || kind === 'closing') held += 1;
      else if (kind === 'warm' || kind === 'warming') warm += 1;
    }
    return { held, warm };
  }

  /** Nothing is held, being acquired or on its way out any more. */
  isEmpty(): boolean {
    for (const { kind } of this.table.values()) {
      if (kind !== 'warming' && kind !== 'warm' && kind !== 'released') return false;
    }
    return true;
  }
}

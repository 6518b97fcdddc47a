// Owns: sums over a sliding window, in a fixed number of blocks. Whole blocks drop out, so nothing is
// ever subtracted: no rounding error is left behind however long it runs.

import { numbers, saved, type Saved } from './saved.js';

export class RollingSums {
  private readonly sums: Float64Array;
  private block = 0;
  private stepsInBlock = 0;

  /** So many numbers are summed, over the block at hand and the `blocks` - 1 whole ones before it. */
  constructor(
    private readonly width: number,
    private readonly blocks: number,
    private readonly blockSteps: number,
  ) {
    this.sums = new Float64Array(width * blocks);
  }

  /** Begins the next step; the oldest block drops out when a new one begins. */
  step(): void {
    if (this.stepsInBlock === this.blockSteps) {
      this.block = this.block + 1 === this.blocks ? 0 : this.block + 1;
      this.sums.fill(0, this.block * this.width, (this.block + 1) * this.width);
      this.stepsInBlock = 0;
    }
    this.stepsInBlock += 1;
  }

  add(which: number, value: number): void {
    this.sums[this.block * this.width + which]! += value;
  }

  /** The sum over the newest blocks. */
  sum(which: number, newest = this.blocks): number {
    let sum = 0;
    for (let back = 0; back < newest; back += 1) {
      const block = this.block - back;
      sum += this.sums[(block < 0 ? block + this.blocks : block) * this.width + which]!;
    }
    return sum;
  }

  save(): Saved {
    return { sums: saved(this.sums), block: this.block, stepsInBlock: this.stepsInBlock };
  }

  load(from: Saved): void {
    this.sums.set(numbers(from['sums']));
    this.block = Number(from['block']);
    this.stepsInBlock = Number(from['stepsInBlock']);
  }
}

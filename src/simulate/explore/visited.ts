// Owns: which states were reached, from where, in 20 bytes each: a state is kept as a fingerprint of
// 64 bits. Two of ten million states share one with a probability of about 3 in a million; then a
// state would be taken for known. It never keeps the states themselves.

const firstCapacity = 1 << 16;
/** Of the hash table; beyond it grows. */
const fullest = 0.6;

export class Visited {
  private high = new Uint32Array(firstCapacity);
  private low = new Uint32Array(firstCapacity);
  private from = new Uint32Array(firstCapacity);
  /** Open addressing; 0 is free, else index + 1. */
  private table = new Uint32Array(firstCapacity * 2);
  private count = 0;
  private hashHigh = 0;
  private hashLow = 0;

  get size(): number {
    return this.count;
  }

  /** Remembers a state reached from another, unless it is known (`size` tells), and says its index. */
  add(state: Int32Array, from: number): number {
    this.hash(state);
    if (this.count >= this.table.length * fullest) this.widen();
    const slot = this.slotOf(this.hashHigh, this.hashLow);
    const known = this.table[slot] as number;
    if (known !== 0) return known - 1;
    const index = this.count;
    if (index >= this.high.length) this.lengthen();
    this.high[index] = this.hashHigh;
    this.low[index] = this.hashLow;
    this.from[index] = from;
    this.table[slot] = index + 1;
    this.count += 1;
    return index;
  }

  parentOf(index: number): number {
    return this.from[index] as number;
  }

  is(index: number, state: Int32Array): boolean {
    this.hash(state);
    return this.high[index] === this.hashHigh && this.low[index] === this.hashLow;
  }

  /** Two independent multiplicative hashes over all numbers, each mixed at the end. */
  private hash(state: Int32Array): void {
    let a = 0x9e3779b9;
    let b = 0x85ebca6b;
    for (const part of state) {
      a = Math.imul(a ^ part, 0x01000193);
      a ^= a >>> 15;
      b = Math.imul((b ^ part) + 0x7f4a7c15, 0xc2b2ae35);
      b ^= b >>> 13;
    }
    this.hashHigh = mixed(a);
    this.hashLow = mixed(b ^ 0x5bd1e995);
  }

  private slotOf(high: number, low: number): number {
    const mask = this.table.length - 1;
    for (let slot = (high ^ Math.imul(low, 0x9e3779b1)) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.table[slot] as number;
      if (entry === 0) return slot;
      if (this.high[entry - 1] === high && this.low[entry - 1] === low) return slot;
    }
  }

  private widen(): void {
    this.table = new Uint32Array(this.table.length * 2);
    for (let index = 0; index < this.count; index += 1) {
      this.table[this.slotOf(this.high[index] as number, this.low[index] as number)] = index + 1;
    }
  }

  private lengthen(): void {
    const longer = (old: Uint32Array): Uint32Array<ArrayBuffer> => {
      const array = new Uint32Array(old.length * 2);
      array.set(old);
      return array;
    };
    this.high = longer(this.high);
    this.low = longer(this.low);
    this.from = longer(this.from);
  }
}

function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

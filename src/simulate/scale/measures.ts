// What is counted while a change is carried out at scale: gaps, waves, and how many clients each
// instance accepts a second. Never influences anything.

const slotMs = 100;

export class Measures {
  readonly gapsMs: number[] = [];
  /** What is left of each gap without the client's own network. */
  readonly addedMs: number[] = [];
  waves = 0;
  partitions = 0;
  told = 0;
  startedAtMs = 0;
  lastWelcomeAtMs = 0;
  /** Instance → clients accepted in each slot of 100 ms since the start. */
  private readonly accepted = new Map<number, number[]>();
  private readonly notices: number[] = [];

  accept(ordinal: number, atMs: number): void {
    let slots = this.accepted.get(ordinal);
    if (slots === undefined) {
      slots = [];
      this.accepted.set(ordinal, slots);
    }
    addTo(slots, atMs - this.startedAtMs);
  }

  notice(atMs: number): void {
    this.told += 1;
    addTo(this.notices, atMs - this.startedAtMs);
  }

  welcome(gapMs: number, networkMs: number, atMs: number): void {
    this.gapsMs.push(gapMs);
    this.addedMs.push(gapMs - networkMs);
    this.lastWelcomeAtMs = Math.max(this.lastWelcomeAtMs, atMs);
  }

  /** Most clients that one instance accepted within any second. */
  peakAcceptPerSecond(): number {
    let peak = 0;
    for (const slots of this.accepted.values()) {
      for (const sum of perSecond(slots)) peak = Math.max(peak, sum);
    }
    return peak;
  }

  /** For each second: the most that any instance accepted in it, and all of them together. */
  acceptSeries(): readonly { readonly most: number; readonly all: number }[] {
    const seconds = Math.ceil((this.lastWelcomeAtMs - this.startedAtMs) / 1_000);
    const perInstance = [...this.accepted.values()].map((slots) =>
      Array.from({ length: seconds }, (_, s) => sumOf(slots, s * 10, s * 10 + 10)),
    );
    return Array.from({ length: seconds }, (_, s) => ({
      most: perInstance.reduce((most, series) => Math.max(most, series[s] ?? 0), 0),
      all: perInstance.reduce((sum, series) => sum + (series[s] ?? 0), 0),
    }));
  }
}

/** Sums over a second, one for each slot that it may begin in. */
function perSecond(slots: readonly number[]): readonly number[] {
  return slots.map((_, from) => sumOf(slots, from, from + 1_000 / slotMs));
}

function sumOf(slots: readonly number[], from: number, to: number): number {
  let sum = 0;
  for (let slot = from; slot < to; slot += 1) sum += slots[slot] ?? 0;
  return sum;
}

function addTo(slots: number[], sinceMs: number): void {
  const slot = Math.max(0, Math.floor(sinceMs / slotMs));
  while (slots.length <= slot) slots.push(0);
  slots[slot] = (slots[slot] ?? 0) + 1;
}

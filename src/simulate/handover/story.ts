// The events of a simulated world as lines for people: the last of them are kept, all of them are
// printed on request. Never changes what happens.

const keptMax = 60;

interface Line {
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
}

export class Story {
  private readonly kept: Line[] = [];
  private at = 0;
  private readonly print: ((line: string) => void) | null;
  private readonly nowMs: () => number;

  constructor(nowMs: () => number, print: ((line: string) => void) | null) {
    this.nowMs = nowMs;
    this.print = print;
  }

  readonly say = (who: string, what: string): void => {
    const line = { atMs: this.nowMs(), who, what };
    this.kept[this.at % keptMax] = line;
    this.at += 1;
    this.print?.(textOf(line));
  };

  /** Whether it is worth putting frames and appends into words. */
  isPrinted(): boolean {
    return this.print !== null;
  }

  /** The latest lines, oldest first. */
  latest(count: number): readonly string[] {
    const from = Math.max(0, this.at - Math.min(count, keptMax));
    return Array.from({ length: this.at - from }, (_, i) =>
      textOf(this.kept[(from + i) % keptMax] as Line),
    );
  }
}

/** `  12.345678 s  sim-1        appends acquired 7 @3` */
function textOf({ atMs, who, what }: Line): string {
  return `${(atMs / 1_000).toFixed(6).padStart(13)} s  ${who.padEnd(12)} ${what}`;
}

// Owns: what a group of benchmarks is, one per part of the product that is fast or gentle for a
// reason. A group measures; the command shows, writes and documents.
import type { BenchCase } from './report.js';

export interface GroupRun {
  /** A sample of every kind of case, in seconds; says nothing about speed. */
  readonly quick: boolean;
  readonly seed: number;
  /** Only these of the group's kinds; all when absent. */
  readonly kinds?: readonly string[] | undefined;
  /** Of each kind so many runs, where it has several. */
  readonly rounds?: number | undefined;
  /** Progress, for people. */
  readonly say: (line: string) => void;
}

export interface BenchGroup {
  /** What `--only` takes. */
  readonly name: string;
  readonly about: string;
  /** What `--kinds` takes; a group without any has only one. */
  readonly kinds?: readonly string[];
  /** Cases one after the other, so that each is shown when it is there. */
  readonly run: (how: GroupRun) => AsyncIterable<BenchCase>;
  readonly textOf: (of: BenchCase) => string;
  /** The tables between the group's markers in docs/benchmarks.md. */
  readonly markdownOf: (cases: readonly BenchCase[]) => string;
}

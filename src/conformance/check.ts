// Owns: what a check is and what comes of it. A check does something to an instance, looks, and either
// says in a sentence what it saw or throws `Broken`. It never decides for another check.

import type { Scene } from './scene.js';

export type Verdict = 'pass' | 'fail' | 'skipped';

/** What a scene may lack: then a check that needs it is skipped, and says so. */
export type Need =
  /** To sign tokens as the directory does. */
  | 'keys'
  /** To say what the control plane says, and to be the other instance. */
  | 'control'
  /** To start, stop and end the program. */
  | 'program'
  /** ConfigDB. */
  | 'config-db'
  /** A partition that another instance holds. */
  | 'another-instance'
  /** To ask the worker of a running service for moves. */
  | 'moves';

/** What a service may declare not to have; nothing that safety rests on. */
export const features = ['send', 'messages'] as const;
export type Feature = (typeof features)[number];

export interface Check {
  /** Stable, for programs. */
  readonly name: string;
  /** Of docs/protocol.md. */
  readonly section: string;
  /** One sentence: what the protocol says. */
  readonly expected: string;
  readonly needs?: readonly Need[];
  readonly of?: Feature;
  /** Resolves with what was seen. Throws Broken, or Skipped when there was nothing to see. */
  run(scene: Scene): Promise<string>;
}

export interface CheckResult {
  readonly check: string;
  readonly verdict: Verdict;
  /** What was seen, or why nothing was looked at. */
  readonly found?: string;
  readonly expected?: string;
  readonly section: string;
  /** What to change; only of a failure. */
  readonly mend?: string;
}

/** What the protocol says, and where. */
export type Rule = Pick<Check, 'section' | 'expected'>;

/** Thrown when an instance does what the protocol does not allow: what was seen, what to change. */
export class Broken extends Error {
  readonly mend: string;
  /** Where it is another than that of the check, which met it on its way. */
  readonly rule: Rule | undefined;

  constructor(found: string, mend: string, rule?: Rule) {
    super(found);
    this.name = 'Broken';
    this.mend = mend;
    this.rule = rule;
  }
}

/** Thrown when a check finds nothing that it could judge. */
export class Skipped extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'Skipped';
  }
}

/** Throws Broken unless it is so. */
export function must(holds: boolean, found: string, mend: string, rule?: Rule): asserts holds {
  if (!holds) throw new Broken(found, mend, rule);
}

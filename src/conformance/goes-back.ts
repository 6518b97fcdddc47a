// Owns: that a running service is left as it was found, whichever checks were run and whoever ended them.

import { Skipped } from './check.js';
import type { Mover } from './scene.js';

/** Thrown when the service could not be put back; says how to do it by hand. */
export class NotPutBackError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'NotPutBackError';
  }
}

const putBack = ['completed', 'unnecessary'];

/** Remembers what was asked for, and how it ended. */
export function thatGoesBack(
  mover: Mover,
  say: (line: string) => void = () => undefined,
): Mover & {
  /** Asks for as many instances as before where they may be more; nothing is asked for afterwards. */
  goBack(): Promise<void>;
} {
  let mayBeLarger = false;
  let isOver = false;
  /** Asked for, and not answered yet. */
  let goingBack: Promise<string> | undefined;

  const ask: Mover['ask'] = async (how) => {
    if (how === 'one-more') {
      mayBeLarger = true;
      return mover.ask(how);
    }
    goingBack ??= mover.ask(how).finally(() => (goingBack = undefined));
    const outcome = await goingBack;
    if (putBack.includes(outcome)) mayBeLarger = false;
    return outcome;
  };
  const goBack = async (): Promise<void> => {
    isOver = true;
    if (!mayBeLarger) return;
    say('asks for as many instances as before …');
    const byHand = `the service may have one instance more than it was found with: ${mover.byHand}`;
    let outcome: string;
    try {
      outcome = await ask('as-before');
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new NotPutBackError(`${byHand} (${why})`, cause);
    }
    if (mayBeLarger) throw new NotPutBackError(`${byHand} (the rebalance ended: ${outcome})`);
    say('there are as many instances as before');
  };
  return {
    announces: mover.announces,
    byHand: mover.byHand,
    ask: (how) => (isOver ? Promise.reject(new Skipped('the kit was ended')) : ask(how)),
    goBack,
  };
}

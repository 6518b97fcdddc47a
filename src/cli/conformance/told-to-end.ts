// Owns: what Ctrl-C and a SIGTERM do to a kit that has begun something: it ends in order, and a second
// time at once.

/** Thrown when somebody ended the kit before its checks were over. */
export class EndedEarlyError extends Error {
  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal} before all checks were made`);
    this.name = 'EndedEarlyError';
  }
}

const ends = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface ToldToEnd {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  /** Rejects with EndedEarlyError at the first signal; never resolves. */
  readonly told: Promise<never>;
  /** From here on signals do what they always do. */
  forget(): void;
}

/** `onFirst`, and `onSecond` right before the process ends by the signal. */
export function listenForEnd(on: {
  readonly first: (signal: NodeJS.Signals) => void;
  readonly second: () => void;
}): ToldToEnd {
  const abort = new AbortController();
  let reject: (error: Error) => void = () => undefined;
  const told = new Promise<never>((_, no) => (reject = no));
  told.catch(() => undefined); // Whoever races it hears.
  const forget = (): void => {
    for (const name of ends) process.off(name, hear);
  };
  const hear = (name: NodeJS.Signals): void => {
    if (abort.signal.aborted) {
      on.second();
      forget();
      process.kill(process.pid, name);
      return;
    }
    on.first(name);
    abort.abort();
    reject(new EndedEarlyError(name));
  };
  for (const name of ends) process.on(name, hear);
  return { signal: abort.signal, told, forget };
}

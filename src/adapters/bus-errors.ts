// Errors of a Bus that its users tell apart. Shared by the Kafka adapter and the in-memory fake.

/**
 * Thrown when an append was not acknowledged. `maybeWritten` false: certainly not in the log (it
 * never left the queue); true: it may be, now or when it was already on its way.
 */
export class AppendFailedError extends Error {
  readonly maybeWritten: boolean;

  constructor(message: string, detail: { maybeWritten: boolean; cause?: unknown }) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'AppendFailedError';
    this.maybeWritten = detail.maybeWritten;
  }
}

/** Thrown when something is asked of a reader, an appender or a bus after its `close`. */
export class ClosedError extends Error {
  constructor(what: string) {
    super(`${what} is closed`);
    this.name = 'ClosedError';
  }
}

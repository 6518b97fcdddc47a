// Errors of a Bus that its users tell apart. Shared by the Kafka adapter and the in-memory fake.

export { AppendFailedError } from '../errors.js';

/** Thrown when something is asked of a reader, an appender or a bus after its `close`. */
export class ClosedError extends Error {
  constructor(what: string) {
    super(`${what} is closed`);
    this.name = 'ClosedError';
  }
}

// Operating errors that people read: each names the field, what was found and what is allowed.
// Programmer errors are asserted, never caught.

/** Thrown when input of a person or program is wrong. The CLI exits 2; HTTP answers 400. */
export class BadInputError extends Error {
  readonly field: string | undefined;
  readonly found: string | undefined;
  readonly allowed: string | undefined;

  constructor(
    message: string,
    detail: { field?: string; found?: unknown; allowed?: string; cause?: unknown } = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'BadInputError';
    this.field = detail.field;
    this.found = detail.found === undefined ? undefined : describeFound(detail.found);
    this.allowed = detail.allowed;
  }
}

/** Thrown when a backing service does not answer or answers nonsense; says which and what to do. */
export class UnreachableError extends Error {
  readonly service: string;
  /** What to do, apart, when the message is a finding and this; doctor shows them on two lines. */
  readonly mend: string | undefined;

  constructor(service: string, message: string, cause?: unknown, mend?: string) {
    const text = mend === undefined ? message : `${message}; ${mend}`;
    super(text, cause === undefined ? undefined : { cause });
    this.name = 'UnreachableError';
    this.service = service;
    this.mend = mend;
  }
}

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

/** Thrown when a higher epoch exists: whoever sees this stops acting for the lower one. */
export class SupersededError extends Error {
  readonly epoch: number;
  readonly byEpoch: number;

  constructor(what: string, epoch: number, byEpoch: number) {
    super(`${what}: epoch ${epoch} is superseded by epoch ${byEpoch}; a newer run has taken over`);
    this.name = 'SupersededError';
    this.epoch = epoch;
    this.byEpoch = byEpoch;
  }
}

/** Thrown by an assertion: a bug of ours, never caught and carried on from. */
export class AssertionError extends Error {
  constructor(message: string) {
    super(`assertion failed: ${message}`);
    this.name = 'AssertionError';
  }
}

const foundMaxChars = 120;

function describeFound(found: unknown): string {
  const text = typeof found === 'string' ? found : jsonOf(found);
  return text.length > foundMaxChars ? `${text.slice(0, foundMaxChars)}…` : text;
}

/** Input can be nested deeper than it can be written again; that must not hide what is wrong with it. */
function jsonOf(found: unknown): string {
  try {
    return JSON.stringify(found) ?? String(found);
  } catch {
    return Array.isArray(found) ? `a list of ${found.length} that cannot be shown` : typeof found;
  }
}

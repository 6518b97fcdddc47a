// Owns: how a send that was not accepted is told.

/**
 * Thrown by `send` when no answer came: `gave-up` (the outcome is unknown), `stopped`, `queue-full`, or
 * `refused`, with the server's words: it never takes this one (no such recipient, too long, no chat at all).
 */
export class SendFailedError extends Error {
  readonly why: 'gave-up' | 'stopped' | 'queue-full' | 'refused';

  constructor(id: string, why: SendFailedError['why'], message = '') {
    super(`message ${id} was not accepted: ${why}${message === '' ? '' : ` (${message})`}`);
    this.name = 'SendFailedError';
    this.why = why;
  }
}

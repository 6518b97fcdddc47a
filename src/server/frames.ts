// The frames of the client protocol: reading what a client says, field by field and without trust,
// and writing what it is told. Owns their shapes; never a socket. Validation is by hand: it runs for
// every frame of every client.

import { parseOffset } from '../core/records.js';
import { gapReportedMaxMs, idMaxChars } from '../limits.js';
import type { MoveNotice } from '../instance/api.js';
import type { ErrorCode } from './close-codes.js';
import type { OwnFrame } from './service.js';

export interface HelloFrame {
  readonly type: 'hello';
  readonly token: string;
  readonly next: number | null;
  readonly revision: number | null;
  /** The client marks its repeats; without it every early send after a reconnect may be one. */
  readonly marksRepeats: boolean;
}
export interface MovedFrame {
  readonly type: 'moved';
  readonly gapMs: number;
  /** Revision of the `disconnect` that began the gap; null: none did; undefined: it does not say. */
  readonly told: number | null | undefined;
}
/** The protocol's own; what a service adds is read by the service. */
export type ClientFrame = HelloFrame | MovedFrame | { readonly type: 'bye' };

/** Thrown when a client broke the protocol: told to it as an `error` frame, then the socket closes. */
export class FrameError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = 'FrameError';
    this.code = code;
  }
}

const tokenMaxChars = 8_192;
/**
 * Every control character: ids travel through logs and keys. And half a surrogate pair: as UTF-8 it
 * becomes another character, so the id would not be the same on both ends.
 */
const notInIds = /[\p{Control}\p{Surrogate}]/u;
/** What `isId` takes, in words. */
export const idAllowed = `1 to ${idMaxChars} well-formed characters, none of them control characters`;

/** A frame whose type its service knows. */
export interface ServiceFrame {
  readonly type: 'own';
  readonly fields: OwnFrame;
}

/**
 * One text frame of a client; `own` are the types that the service knows. Throws FrameError that names
 * the field, what was found and allowed.
 */
export function parseClientFrame(text: string, own: readonly string[]): ClientFrame | ServiceFrame {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    throw new FrameError('bad-frame', 'the frame is not JSON');
  }
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) {
    throw new FrameError('bad-frame', 'the frame is not a JSON object');
  }
  const fields = frame as Record<string, unknown>;
  switch (fields['type']) {
    case 'hello':
      return parseHello(fields);
    case 'moved':
      return { type: 'moved', gapMs: gapOf(fields['gapMs']), told: toldOf(fields['told']) };
    case 'bye':
      return { type: 'bye' };
    default:
      if (own.includes(fields['type'] as string)) {
        return { type: 'own', fields: fields as OwnFrame };
      }
      throw wrongField('type', fields['type'], typesAllowed(own));
  }
}

function typesAllowed(own: readonly string[]): string {
  return `${['hello', ...own, 'moved'].map((type) => `"${type}"`).join(', ')} or "bye"`;
}

function parseHello(fields: Record<string, unknown>): HelloFrame {
  const { token, next, revision, marksRepeats } = fields;
  if (typeof token !== 'string' || token.length === 0 || token.length > tokenMaxChars) {
    // Never quoted: a wrong token may still be somebody's secret.
    throw new FrameError(
      'bad-frame',
      `hello.token must be a string of 1 to ${tokenMaxChars} characters`,
    );
  }
  const offset = next === null ? null : parseOffset(next);
  if (next !== null && offset === null) {
    throw wrongField('hello.next', next, 'an offset as a string of digits, or null');
  }
  if (revision !== undefined && !isRevision(revision)) {
    throw wrongField('hello.revision', revision, 'a whole number from 0, or absent');
  }
  return {
    type: 'hello',
    token,
    next: offset,
    revision: revision ?? null,
    marksRepeats: marksRepeats === true,
  };
}

/** Untrusted: clamped, because it goes into histograms. */
function gapOf(gapMs: unknown): number {
  if (typeof gapMs !== 'number' || !Number.isFinite(gapMs)) {
    throw wrongField('moved.gapMs', gapMs, 'a number of milliseconds');
  }
  return Math.min(gapReportedMaxMs, Math.max(0, gapMs));
}

function toldOf(told: unknown): MovedFrame['told'] {
  if (told === undefined || told === null || isRevision(told)) return told;
  throw wrongField('moved.told', told, 'a whole number from 0, null, or absent');
}

const isRevision = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

/** Whether a text may be the id of a user, client or message. */
export function isId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= idMaxChars &&
    !notInIds.test(value)
  );
}

/** What a field of a frame is, and what it may be. */
export function wrongField(field: string, found: unknown, allowed: string): FrameError {
  const text = found === undefined ? 'nothing' : (JSON.stringify(found) ?? typeof found);
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return new FrameError('bad-frame', `${field} is ${short}; allowed: ${allowed}`);
}

// ---------------------------------------------------------------- what a client is told

export function welcomeFrame(fields: {
  readonly instance: string;
  readonly revision: number;
  readonly partition: number;
  readonly next: number;
  readonly aliveEveryMs: number;
  readonly truncated: boolean;
}): string {
  return JSON.stringify({ type: 'welcome', ...fields, next: String(fields.next) });
}

export function aliveFrame(next: number, suspended: boolean): string {
  return `{"type":"alive","next":"${next}","suspended":${suspended}}`;
}

export function disconnectFrame(notice: MoveNotice, next: number | null): string {
  const { reason, url, revision, delayMs } = notice;
  return JSON.stringify({
    type: 'disconnect',
    reason,
    ...(url === undefined ? {} : { url }),
    ...(next === null ? {} : { next: String(next) }),
    revision,
    delayMs,
  });
}

export function redirectFrame(url: string, revision: number): string {
  return JSON.stringify({ type: 'redirect', url, revision });
}

export function errorFrame(code: ErrorCode, message: string): string {
  return JSON.stringify({ type: 'error', code, message });
}

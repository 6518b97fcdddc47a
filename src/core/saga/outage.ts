// Owns: how long a saga waits for something that is away (ConfigDB, Kafka, the platform), and how it
// says so. Being away is nobody's failure: it is waited for, up to a limit with a name. Never waits.

/** What was away, as one try after the other found. */
export interface Outage {
  /** `ConfigDB`, `Kafka`, `the platform`, `Temporal`. */
  readonly what: string;
  /** When it was first found away, by the clock of whoever says so. */
  readonly sinceMs: number;
  readonly tries: number;
}

/** Type of the failure by which an activity says that what it needs is away … */
export const awayType = 'Away';

/** … and its details: of this call alone. */
export interface AwayDetail {
  readonly what: string;
  readonly awayMs: number;
  readonly tries: number;
}

/** Before the point of no return: longer than a restart or a move to another node, then it is undone. */
export const forwardOutageMaxMs = 10 * 60_000;
/** An undo that is given up leaves work for a person: an hour. */
export const undoOutageMaxMs = 60 * 60_000;

/** A first try looks by itself for so long, so that people are told soon … */
export const firstPatienceMs = 4_000;
/** … and the following ones for as long as it has been away, up to this: ten lines of history an hour. */
export const patienceMaxMs = 5 * 60_000;

/** How long the next try may look by itself before it says how it stands; null: the limit is over. */
export function nextPatienceMs(awayMs: number, limitMs: number): number | null {
  if (awayMs >= limitMs) return null;
  const patienceMs = Math.min(Math.max(firstPatienceMs, awayMs), patienceMaxMs);
  return Math.min(patienceMs, limitMs - awayMs);
}

/** Pauses between two looks, doubling. */
const firstPauseMs = 200;
const lastPauseMs = 2_000;

export function pauseMs(tries: number): number {
  return Math.min(firstPauseMs * 2 ** Math.min(tries - 1, 10), lastPauseMs);
}

/** `ConfigDB does not answer since 13:05:12 UTC, tried 7 times`. */
export function outageText({ what, sinceMs, tries }: Outage): string {
  return `${what} does not answer since ${timeOfDay(sinceMs)} UTC, tried ${tries} times`;
}

/** `13:05:12` of milliseconds since the epoch. */
function timeOfDay(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const parts = [Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

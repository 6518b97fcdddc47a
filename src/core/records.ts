// The records of the three logs and the messages of the control topic, exactly as they stand in
// Kafka (one JSON object a record; offsets are strings). Readers ignore unknown fields; fields may
// be added, never renamed. Types only, and the two conversions of offsets.

/** A Kafka offset as it stands in JSON. Inside the program offsets are safe integers. */
export type OffsetText = string;

export type FencedHow = 'acknowledged' | 'process-ended' | 'lease-expired';

export interface Fenced {
  readonly type: 'fenced';
  readonly instance: string;
  readonly incarnation: string;
  readonly how: FencedHow;
}

/** Topic `<s>.ownership`. `prev`: offset of the last valid record of p that the writer had read. */
export interface OwnershipChange {
  readonly type: 'acquired' | 'released';
  readonly partition: number;
  readonly revision: number;
  readonly instance: string;
  readonly incarnation: string;
  readonly prev: OffsetText | null;
  /** Where the writer stood in the partition: a hint for whoever warms up. */
  readonly next: OffsetText;
  /** Where clients reach the writer (on `acquired`). */
  readonly url?: string;
}
export type OwnershipRecord = OwnershipChange | Fenced;

/** Why a client is told to go, as in its `disconnect` frame. */
export type MoveNoticeReason = 'moved' | 'replaced' | 'leaving';

export type ClosedReason =
  'moved' | 'bye' | 'lost' | 'replaced' | 'leaving' | 'suspended' | 'refused';

/** Topic `<s>.sessions`, partition p mod 12: evidence, read only by checkers. */
export interface SessionChange {
  readonly type: 'opened' | 'closed';
  readonly partition: number;
  readonly user: string;
  readonly client: string;
  readonly session: string;
  /** Unique per welcome. */
  readonly connection: string;
  readonly instance: string;
  readonly incarnation: string;
  readonly revision: number;
  readonly reason?: ClosedReason;
}
export type SessionRecord = SessionChange | Fenced;

/** Topic `<s>.leases`, partition ordinal mod 12. */
export type LeaseRecord =
  | {
      readonly type: 'alive';
      readonly instance: string;
      readonly incarnation: string;
      readonly seq: number;
    }
  | { readonly type: 'fence'; readonly incarnation: string; readonly by: string }
  | { readonly type: 'fence-acknowledged'; readonly incarnation: string }
  /** `watcher` and `seq` let a watcher know its own again. */
  | {
      readonly type: 'probe';
      readonly by: string;
      readonly watcher?: string;
      readonly seq?: number;
    };

/** `[from, to, ordinal]`, sorted by from, covering 0..P-1. */
export type OwnedRange = readonly [from: number, to: number, ordinal: number];

/** Who may be reached where: name → address and incarnation, as last reported. */
export type AddressBook = Readonly<
  Record<string, { readonly url: string; readonly incarnation?: string }>
>;

/** How donors pace their waves. */
export interface Pace {
  /** Clients moved to one receiver per wave, shared by its donors. */
  readonly clientsPerWave: number;
  /** Clients that one receiver welcomes per second, over all its donors: the pause between waves. */
  readonly acceptPerSecond: number;
  readonly partitionsPerWave: number;
}

interface ControlBase {
  readonly epoch: number;
  readonly revision: number;
  /** Id of the rebalance on whose behalf this is said. */
  readonly rebalance: string;
}
interface WithRanges extends ControlBase {
  readonly hash: string;
  readonly ranges: readonly OwnedRange[];
  readonly instances: AddressBook;
  readonly pace: Pace;
}

/**
 * Topic `<s>.control`. `prepare`: the planned ranges; who gains partitions warms up and answers.
 * `distribution`: the revision to strive for from now on. `hold`/`resume`: start no further wave /
 * go on, also with what was taken back. `report`: write your report now.
 */
export type ControlMessage =
  | ({ readonly type: 'prepare' } & WithRanges)
  | ({ readonly type: 'distribution' } & WithRanges)
  | ({ readonly type: 'cancel-prepare' | 'hold' | 'resume' | 'report' } & ControlBase);

/** A chat message as it stands in `<s>.messages`; key = recipient. */
export interface ChatRecord {
  readonly id: string;
  readonly from: string;
  readonly client: string;
  readonly to: string;
  readonly body: string;
  readonly sentAtMs: number;
}

/** Offset text → safe integer; null when it is no offset. */
export function parseOffset(text: unknown): number | null {
  if (typeof text !== 'string' || !/^\d{1,16}$/.test(text)) return null;
  const offset = Number(text);
  return Number.isSafeInteger(offset) ? offset : null;
}

/** Safe integer → offset text. */
export function offsetText(offset: number): OffsetText {
  return offset.toString(10);
}

/** `messaging-2` → 2; null when the name has no trailing number. */
export function ordinalOf(instance: string): number | null {
  const match = /-(\d{1,6})$/.exec(instance);
  return match?.[1] === undefined ? null : Number(match[1]);
}

/** `messaging`, 2 → `messaging-2`. */
export function instanceName(service: string, ordinal: number): string {
  return `${service}-${ordinal}`;
}

const processEnd = '.';

/**
 * Whether an incarnation lives in what the platform runs there now: in that very process, or, where the
 * platform cannot see how a process calls itself, in one of the same pod (life-in-pod.ts).
 */
export function livesIn(
  incarnation: string,
  { uid, pod }: { readonly uid: string; readonly pod?: string },
): boolean {
  const own = processOf(incarnation);
  return own === uid || (pod !== undefined && own.startsWith(`${pod}-`));
}

/** The platform's name of the process that an incarnation lives in (`uid.random`); all of it when it names none. */
export function processOf(incarnation: string): string {
  const end = incarnation.lastIndexOf(processEnd);
  return end < 0 ? incarnation : incarnation.slice(0, end);
}

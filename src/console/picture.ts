// What the console's page gets to see of one service: two documents, `Now` (what is, what moves, what
// comes next) and `Past` (decisions, load, rebalances). Types only, shared by the server and the page.
// All texts are plain text; times are wall clock of the server, in ms.

/** Partitions `from..to`: whose they are by the ownership log, and whose they shall be. Null: nobody's. */
export type Segment = readonly [
  from: number,
  to: number,
  owner: string | null,
  target: string | null,
];

/** Partitions that go from one instance to another, and about how many connections with them. */
export interface Move {
  readonly from: string | null;
  readonly to: string | null;
  readonly partitions: number;
  readonly clients: number;
  /** `120-179,300-359`, cut where there are many. */
  readonly ranges: string;
}

export interface GapFigures {
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface InstancePicture {
  readonly name: string;
  readonly ordinal: number;
  /** As the platform says; null where it is not known. */
  readonly phase: string | null;
  /** Null while it has not reported. */
  readonly clients: number | null;
  readonly partitions: number;
  readonly ranges: string;
  /** Revision it strives for; null while it has not reported. */
  readonly revision: number | null;
  /** Clients told to leave it, and of those told to move that came to it, by the revision of `gaps`. */
  readonly left: number;
  readonly arrived: number;
  readonly gap: GapFigures | null;
}

/** Gaps of clients that were told to move, by their own clocks, of the newest revision with any. */
export interface GapsPicture extends GapFigures {
  readonly revision: number;
  readonly left: number;
  readonly arrived: number;
  readonly buckets: readonly GapBucket[];
}

export interface GapBucket {
  readonly fromMs: number;
  /** Null: and longer. */
  readonly toMs: number | null;
  readonly count: number;
}

export interface StepPicture {
  readonly title: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly note: string;
  readonly startedAtMs: number;
  readonly tookMs: number;
}

export interface ProgressPicture {
  readonly done: number;
  readonly of: number;
  readonly arrived: number;
  readonly clients: number;
  readonly leftMs: number;
  readonly quietMs: number;
  readonly waitsFor: string | null;
}

export interface PlanPicture {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly movedPartitions: number;
  readonly movedClients: number;
  readonly waves: number;
  readonly estimateMs: number;
}

/** The latest run of the rebalance workflow. */
export interface RunPicture {
  readonly runId: string;
  readonly running: boolean;
  readonly startedAtMs: number;
  /** `grow 2 → 3, revision 1 → 2`, or how it ended. */
  readonly headline: string;
  readonly asked: string;
  /** Null while no worker answers. */
  readonly phase: string | null;
  /** Past the point of no return. */
  readonly onward: boolean;
  readonly undoing: boolean;
  readonly plan: PlanPicture | null;
  readonly progress: ProgressPicture | null;
  readonly steps: readonly StepPicture[];
  readonly ahead: readonly string[];
  /** What keeps it from going on: sentences. */
  readonly troubles: readonly string[];
  readonly notes: readonly string[];
  readonly queued: number;
  readonly approvalUntilMs: number | null;
  readonly link: string | null;
}

export interface Now {
  readonly service: string;
  readonly partitions: number;
  /** Null before the first distribution, and while ConfigDB does not answer. */
  readonly revision: number | null;
  /** Whether everybody holds what they shall; null where it cannot be known. */
  readonly settled: boolean | null;
  readonly mode: string;
  readonly clients: number;
  /** What does not answer, and what is missing for it: sentences. */
  readonly away: readonly string[];
  /** Whether `run` and `schedule` are what is: false while Temporal does not answer. */
  readonly isRunKnown: boolean;
  /** Whether what shall be, clients and records were read; false while ConfigDB does not answer. */
  readonly isStoredKnown: boolean;
  readonly segments: readonly Segment[];
  readonly moves: readonly Move[];
  readonly instances: readonly InstancePicture[];
  /** Connected users per instance; null without a policy. */
  readonly thresholds: {
    readonly lower: number;
    readonly target: number;
    readonly upper: number;
  } | null;
  readonly schedule: {
    readonly paused: boolean;
    readonly note: string | null;
    readonly everyMs: number | null;
    readonly nextAtMs: number | null;
    readonly link: string | null;
  } | null;
  readonly run: RunPicture | null;
  readonly gaps: GapsPicture | null;
  /** Who came under that revision or a later one without having been told to; null: nobody. */
  readonly others: GapFigures | null;
  /** What a moved client may wait at most: at P99, and anybody. */
  readonly objective: { readonly p99Ms: number; readonly maxMs: number };
}

/** Evaluations one after the other that said the same. */
export interface DecisionPicture {
  readonly kind: 'act' | 'skip' | 'would';
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  readonly desired: number | null;
  readonly reasons: readonly string[];
}

/** Columns of equal length, oldest first; null where nothing was known. */
export interface LoadPicture {
  readonly atMs: readonly number[];
  readonly clients: readonly (number | null)[];
  /** Instances × upper threshold of the policy in force. */
  readonly upper: readonly (number | null)[];
  readonly lower: readonly (number | null)[];
  /** Of the forecasts that were made for that moment. */
  readonly foreseen: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

export interface RebalancePicture {
  readonly id: string;
  readonly runId: string;
  readonly atMs: number;
  /** Null: it runs, or was terminated. */
  readonly outcome: string | null;
  readonly text: string;
  readonly by: string;
  readonly reason: string;
  readonly movedClients: number;
  readonly notReturned: number;
  readonly gap: GapFigures | null;
  readonly durationMs: number | null;
  readonly link: string | null;
}

export interface Past {
  /** Decisions and load go back to here. */
  readonly sinceMs: number;
  /** Newest first. */
  readonly decisions: readonly DecisionPicture[];
  readonly load: LoadPicture;
  /** One sentence; empty where the policy wants no forecast. */
  readonly forecast: string;
  /** Newest first. */
  readonly rebalances: readonly RebalancePicture[];
}

/** What was read of one service at one moment. */
export interface Picture {
  readonly atMs: number;
  readonly now: Now;
  readonly past: Past;
}

/** Sent every few seconds, whatever happens: without it the server counts as lost. */
export interface Alive {
  readonly nowMs: number;
  /** When the figures that were sent last were read; null before the first. */
  readonly readAtMs: number | null;
  /** Why the newest reading failed: a sentence; null when it did not. */
  readonly trouble: string | null;
}

/** Who has logged in, what there is to look at, and what every change has to bring along. */
export interface Me {
  readonly by: string;
  readonly csrf: string;
  readonly services: readonly string[];
  /** Whether the name comes from a proxy, and cannot be chosen. */
  readonly named: boolean;
}

export const actionNames = ['force', 'approve', 'reject', 'abort', 'pause', 'resume'] as const;
export type ActionName = (typeof actionNames)[number];

/** What a button asks for. */
export interface ActionWish {
  readonly service: string;
  readonly reason: string;
  /** With `force`: how many instances shall own partitions; as many as now when absent. */
  readonly instances?: number;
  /** With `approve` and `reject`: the plan that was read. */
  readonly plan?: string;
}

/** What is asked before `force`: what it would cost now. */
export interface CostWish {
  readonly service: string;
  readonly instances?: number;
}

/** Sentences; the first is the shortest answer. */
export interface CostAnswer {
  readonly ok: boolean;
  readonly lines: readonly string[];
}

export interface ActionAnswer {
  readonly ok: boolean;
  /** The sentence that the command line says. */
  readonly text: string;
}

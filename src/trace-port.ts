// What a trace is made of here: finished spans, each with its times, told to whoever collects them. All
// spans of one rebalance are one trace, on whichever process they were seen, without anything being sent
// along: its ids are computed from the rebalance's own id, which every log, record and control message
// names already. Types only.

export interface FinishedSpan {
  /** `rebalance`, `saga.<activity>`, `handover.<part>`, `client.hello`. */
  readonly name: string;
  /** `<service>@<epoch>`; null for what belongs to no rebalance. */
  readonly rebalance: string | null;
  /** The span that all others of the rebalance hang under. */
  readonly isRoot?: boolean;
  /** Wall clock, ms. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Absent: it went well. */
  readonly error?: string;
}

/** Takes a span and returns at once; whatever becomes of it never matters to the caller. */
export type Trace = (span: FinishedSpan) => void;

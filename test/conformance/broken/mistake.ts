// What a deliberate mistake is: Messaging as it is shipped, with one thing wrong at one of its seams. None
// of it is in what is shipped.

import type { Instance } from '../../../src/instance/api.js';
import type { Bus, InRecord, InstanceReport, OutRecord } from '../../../src/ports.js';

export type Frame = Record<string, unknown>;

/** What stands between one client and the server; each answers with what is passed on instead. */
export interface FrameSeam {
  readonly toClient?: (frame: Frame) => readonly Frame[];
  readonly closeCode?: (code: number) => number;
  readonly toServer?: (frame: Frame, tellClient: (frame: Frame) => void) => readonly Frame[];
}

/** Check that must fail, and what its sentence must say. */
export interface Caught {
  readonly caughtBy: string;
  readonly says: RegExp;
  /** What the protocol says there, where it is not the rule of `caughtBy`. */
  readonly rule?: RegExp;
  /** And what to change. */
  readonly mend?: RegExp;
  /** Checks to run besides, because they bring about what `caughtBy` looks at. */
  readonly after?: readonly string[];
}

export interface Mistake extends Caught {
  readonly name: string;
  /** Where it shows otherwise in an instance of a running service. */
  readonly running?: Caught;
  readonly bus?: (bus: Bus) => Bus;
  readonly instance?: (instance: Instance) => Instance;
  /** Called per connection. */
  readonly frames?: () => FrameSeam;
  /** A P that the server believes in. */
  readonly partitions?: number;
  readonly report?: (report: InstanceReport) => InstanceReport;
  /** Says to nobody that it is warm. */
  readonly answersNoPrepare?: true;
  /** Instead of the exit status of a life that ends by itself. */
  readonly exitCode?: (code: number) => number;
}

/** A bus whose appends and records pass through these. */
export function tampered(
  bus: Bus,
  seam: {
    readonly append?: (
      records: readonly OutRecord[],
      append: (records: readonly OutRecord[]) => Promise<readonly number[]>,
    ) => Promise<readonly number[]>;
    readonly read?: (topic: string, record: InRecord) => InRecord;
  },
): Bus {
  return {
    ...bus,
    appender: async (name) => {
      const appender = await bus.appender(name);
      const { append } = seam;
      if (append === undefined) return appender;
      return { ...appender, append: (records) => append(records, (all) => appender.append(all)) };
    },
    open: (spec) =>
      bus.open({
        ...spec,
        onRecords: (partition, records, end) =>
          spec.onRecords(
            partition,
            records.map((record) => seam.read?.(spec.topic, record) ?? record),
            end,
          ),
      }),
  };
}

/** Says at once that records were acknowledged, and writes them a while later. */
export function hasty(isHit: (record: OutRecord) => boolean, bus: Bus, laterMs = 1_500): Bus {
  return tampered(bus, {
    append: async (records, append) => {
      if (!records.some(isHit)) return append(records);
      const offsets: number[] = [];
      for (const record of records) {
        if (!isHit(record)) {
          offsets.push((await append([record]))[0] ?? 0);
          continue;
        }
        const [bounds] = await bus.bounds(record.topic, [record.partition]);
        offsets.push(bounds?.high ?? 0);
        // Its appender may have been closed by then.
        setTimeout(() => void append([record]).catch(() => undefined), laterMs);
      }
      return offsets;
    },
  });
}

/** The JSON of a record. */
export const valueOf = ({ value }: { readonly value: string | null }): Frame => {
  try {
    return JSON.parse(value ?? '{}') as Frame;
  } catch {
    return {};
  }
};

export const typeOf = (record: { readonly value: string | null }): unknown =>
  valueOf(record)['type'];

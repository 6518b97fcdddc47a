// Owns: Apache Kafka's own sticky assignor as a peer: finding its jars where the local stack keeps
// them, and running StickyBench.java in a JVM, which times it there after its own warm-up. Without
// Java there is no such peer and the report says so.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { cacheDir, checkoutDir } from '../../stack/checkout.js';
import { findJava } from '../../stack/maven.js';
import { kafka } from '../../stack/parts/kafka.js';
import { findOnPath, run } from '../../stack/programs.js';
import { rangesOf, type Owners } from '../plan/owners.js';
import type { Patience } from '../timing.js';

/** For a million partitions or hundreds of changes, with room so that collections stay rare. */
const heapMb = 2_048;
const smallHeapMb = 256;
/** Partitions × changes from which on the large heap is taken. */
const largeFrom = 200_000;
const compileMs = 2 * 60_000;
const runMs = 10 * 60_000;
const source = join(checkoutDir, 'bench', 'peers', 'StickyBench.java');

export const kafkaStickyName = 'Kafka sticky assignor';
export const kafkaLeaderName = 'Kafka group leader';

/** Its algorithm alone on decoded members, or all that a group leader does with it (StickyBench.java). */
export type KafkaWay = 'assign' | 'lead';

export interface KafkaSticky {
  /**
   * Plays changes of the number of instances one after the other; throws what the JVM says.
   * `patience` is per sequence.
   */
  readonly play: (
    start: Start,
    changes: readonly number[],
    patience: Patience,
    way?: KafkaWay,
  ) => Promise<Played>;
  /** Removes what was compiled. */
  readonly close: () => void;
}

export interface Start {
  readonly owners: Owners;
  readonly instances: number;
}

export interface Played {
  readonly version: string;
  /** Of each change, medians. */
  readonly ms: readonly number[];
  /** After each change. */
  readonly owners: readonly Owners[];
}

/**
 * The peer, or the sentence that says why there is none. `fetch`: Maven may be asked for the jars.
 */
export async function findKafkaSticky(
  fetch: boolean,
  onProgress: (line: string) => void,
): Promise<KafkaSticky | string> {
  try {
    const javac = findOnPath('javac');
    if (javac === undefined) return 'no Java compiler (javac, JDK 17) is on PATH';
    const java = await findJava(kafka, 'kafka-server-start.sh');
    let jars = findJars();
    if (jars === undefined && fetch) {
      await kafka.find(onProgress);
      jars = findJars();
    }
    if (jars === undefined) return 'the jars of Kafka are not in the cache (npm run stack -- up)';
    const directory = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
    const close = (): void => rmSync(directory, { recursive: true, force: true });
    process.once('exit', close);
    const library = join(jars, '*');
    await run(javac, ['-cp', library, '-d', directory, source], { timeoutMs: compileMs });
    const jvm = { java, directory, classPath: [directory, library].join(delimiter) };
    return {
      play: (start, changes, patience, way = 'assign') =>
        playIn(jvm, way, encodeJob(start, changes, patience), start.owners.length, changes.length),
      close,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Of a Kafka on PATH, or of the newest one that the stack has built. */
function findJars(): string | undefined {
  const server = findOnPath('kafka-server-start.sh');
  const cache = cacheDir();
  const built = existsSync(cache)
    ? readdirSync(cache).filter((name) => /^kafka-\d[\d.]*$/.test(name))
    : [];
  const candidates = [
    ...(server === undefined ? [] : [join(dirname(server), '..', 'libs')]),
    ...built
      .sort()
      .reverse()
      .map((name) => join(cache, name, 'jars')),
  ];
  return candidates.find(
    (path) =>
      existsSync(path) && readdirSync(path).some((name) => name.startsWith('kafka-clients-')),
  );
}

interface Jvm {
  readonly java: string;
  readonly classPath: string;
  /** For the job and its answer; one at a time. */
  readonly directory: string;
}

async function playIn(
  { java, classPath, directory }: Jvm,
  way: KafkaWay,
  encoded: Buffer,
  partitions: number,
  changes: number,
): Promise<Played> {
  const [job, answer] = [join(directory, 'job'), join(directory, 'answer')];
  writeFileSync(job, encoded);
  const heap = partitions * changes >= largeFrom ? heapMb : smallHeapMb;
  const memory = [`-Xms${heap}m`, `-Xmx${heap}m`];
  const args = [...memory, '-cp', classPath, 'StickyBench', way, job, answer];
  const output = await run(java, args, { timeoutMs: runMs });
  const line = output.split('\n').find((text) => text.startsWith('{"version"'));
  if (line === undefined) throw new Error(`StickyBench answered: ${output}`);
  const { version, ms } = JSON.parse(line) as { version: string; ms: number[] };
  return { version, ms, owners: decodeAnswer(readFileSync(answer), partitions) };
}

function encodeJob(start: Start, changes: readonly number[], patience: Patience): Buffer {
  const ranges = rangesOf(start.owners, start.instances).flatMap((own, ordinal) =>
    own.map(([from, to]) => [from, to, ordinal] as const),
  );
  const numbers = [
    start.owners.length,
    ...[patience.warmUpMs, patience.timedMs, patience.runsMin, start.instances, ranges.length],
    ...ranges.flat(),
    changes.length,
    ...changes,
  ];
  const job = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, i) => job.writeInt32BE(number, i * 4));
  return job;
}

function decodeAnswer(answer: Buffer, partitions: number): Owners[] {
  const changes = answer.length / 4 / partitions;
  return Array.from({ length: changes }, (_, change) =>
    Int32Array.from({ length: partitions }, (_, p) =>
      answer.readInt32BE((change * partitions + p) * 4),
    ),
  );
}

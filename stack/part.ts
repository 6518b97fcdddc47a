// Owns: what a part of the stack is, and the errors that people read about one. Starts nothing.

export const partNames = ['temporal', 'kafka', 'mongo', 'kubernetes'] as const;
export type PartName = (typeof partNames)[number];

/** Started when nobody names any. Building Kubernetes takes minutes, so it has to be asked for. */
export const usualParts = ['temporal', 'kafka', 'mongo'] as const satisfies readonly PartName[];

/** Where the program of a part was found; `environment`: it runs elsewhere and is not ours. */
export type PartOrigin = 'environment' | 'path' | 'cache' | 'download' | 'build';

/** What is executed; `env` is added to this process's environment. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that can be started on ports and a data directory. */
export interface PartProgram {
  readonly origin: PartOrigin;
  /** Done once per data directory, before the first start (formatting a disk, say). */
  prepare?(run: PartRun): Promise<void>;
  readonly command: (run: PartRun) => CommandLine;
  /** Done after each start, when the program answers. */
  afterStart?(run: PartRun): Promise<void>;
  /** Overrides the part's addresses where this program is reached in another way. */
  readonly env?: (ports: readonly number[], dataDir: string) => Record<string, string>;
}

export interface PartRun {
  readonly ports: readonly number[];
  /** Exists, belongs to this part alone. */
  readonly dataDir: string;
  readonly logFile: string;
  /** Will run for minutes or more. */
  readonly lasting?: boolean;
}

/** One backing service: how it is found, started and asked whether it works. */
export interface Part {
  readonly name: PartName;
  /** What is built here, with its version. */
  readonly title: string;
  /** What may run elsewhere instead. */
  readonly product: string;
  /** The environment variable that names one that runs already. */
  readonly variable: string;
  /** Taken when free. */
  readonly defaultPorts: readonly number[];
  /** From start to answering, at most. */
  readonly startWaitMs: number;
  /** Environment variables that lead to it. */
  readonly env: (ports: readonly number[], dataDir: string) => Record<string, string>;
  /** Asks the address that the variable names. Throws a sentence about what is wrong there. */
  readonly check: (address: string) => Promise<void>;
  /** PATH, cache, download, build. Throws PartError. */
  readonly find: (onProgress: (line: string) => void) => Promise<PartProgram>;
}

/** Thrown when a part of the local stack cannot be found, built, started or reached. */
export class PartError extends Error {
  readonly part: PartName;

  constructor(part: PartName, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'PartError';
    this.part = part;
  }
}

/** The sentence about a missing toolchain: which program, and the two other ways to get the part. */
export function missingProgram(
  part: Pick<Part, 'name' | 'title' | 'variable'>,
  missing: string,
  program: string,
): PartError {
  return new PartError(
    part.name,
    `${part.title} has to be built here, and ${missing} is missing. Install it; or put \`${program}\` on PATH; ` +
      `or set ${part.variable} to one that runs already${part.name === 'kubernetes' ? '' : ' (docker compose up -d starts one)'}.`,
  );
}

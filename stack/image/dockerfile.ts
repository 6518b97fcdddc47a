// Owns: what a Dockerfile says, as data: stages, their instructions, and what the last one leaves to whoever
// starts it. Knows the instructions that ours uses; throws for any other. Pure.

export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

export interface Stage {
  /** What `COPY --from` calls it; its number when it has no name. */
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

export interface Copy {
  /** A stage; undefined: the build context. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

export interface HealthCheck {
  readonly command: readonly string[];
}

export interface ImageConfig {
  readonly workingDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly healthCheck: HealthCheck | undefined;
}

const known = [
  ...['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER'],
  ...['ENTRYPOINT', 'CMD', 'HEALTHCHECK'],
];

/** @throws Error naming the line that it does not understand */
export function parseDockerfile(text: string): readonly Stage[] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const stages: { name: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (!known.includes(name))
      throw new Error(`the Dockerfile has a line of another kind: ${line}`);
    if (name === 'FROM') {
      const [, as] = / AS (\S+)$/i.exec(rest) ?? [];
      stages.push({ name: as ?? String(stages.length), instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined) throw new Error(`the Dockerfile begins with ${line}, not with FROM`);
    stage.instructions.push({ name, rest });
  }
  return stages;
}

export function parseCopy(rest: string): Copy {
  const words = rest.split(/\s+/);
  const flag = words.find((word) => word.startsWith('--'));
  const [, from] = /^--from=(.+)$/.exec(flag ?? '') ?? [];
  if (flag !== undefined && from === undefined)
    throw new Error(`COPY ${rest}: ${flag} is not known`);
  const names = words.filter((word) => !word.startsWith('--'));
  return { from, sources: names.slice(0, -1), target: names.at(-1) ?? '' };
}

/** What a container of that stage is started with. */
export function configOf({ instructions }: Stage): ImageConfig {
  const last = (name: string) => instructions.filter((one) => one.name === name).at(-1)?.rest;
  const list = (text: string | undefined) =>
    text === undefined ? [] : (JSON.parse(text) as string[]);
  const [, check] = /CMD\s+(\[.*\])$/.exec(last('HEALTHCHECK') ?? '') ?? [];
  return {
    workingDir: last('WORKDIR') ?? '/',
    env: envOf(instructions),
    user: last('USER') ?? 'root',
    entrypoint: list(last('ENTRYPOINT')),
    cmd: list(last('CMD')),
    healthCheck: check === undefined ? undefined : { command: list(check) },
  };
}

export function envOf(instructions: readonly Instruction[]): Readonly<Record<string, string>> {
  const pairs = instructions
    .filter(({ name }) => name === 'ENV')
    .flatMap(({ rest }) => rest.split(/\s+/))
    .map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at), pair.slice(at + 1)];
    });
  return Object.fromEntries(pairs) as Record<string, string>;
}

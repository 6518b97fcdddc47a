// A service of the kit's own for one program: topics, keys, and its environment by section 9 of
// docs/protocol.md. The kit is the control plane and the other instance. Nobody else's service is touched.

import type { Scene, Program } from './scene.js';
import { instanceName } from '../core/records.js';
import { UnreachableError } from '../errors.js';
import { topicSpecs } from '../logs/topics.js';
import { generateKeys } from '../server/keys.js';
import { newSessionId } from '../server/session-ids.js';
import { tokenSigner } from '../server/tokens.js';
import { partitionOf } from '../core/murmur2.js';
import { reservePorts } from '../../stack/ports.js';
import type { Bus, ConfigDb } from '../ports.js';
import type { Feature } from './check.js';
import { openJournal } from './journal.js';
import { pollMs, startWithinMs } from './limits.js';
import { openStage } from './stage.js';

/** One life of the program. */
export interface Life {
  signal(signal: NodeJS.Signals): void;
  /** Exit code; null when a signal ended it. Never rejects. */
  readonly ended: Promise<number | null>;
  /** The last lines of what it has printed, as one, for whoever asks why it does not start. */
  tail(): string;
}

/** Starts a life of the program with this environment. */
export type Launch = (env: Readonly<Record<string, string>>) => Promise<Life>;

export interface ScratchOptions {
  readonly bus: Bus;
  readonly configDb: Pick<ConfigDb, 'reports' | 'warmed'> | undefined;
  readonly launch: Launch;
  /** Where the backing services are, and how they are spoken to. */
  readonly env: Readonly<Record<string, string>>;
  readonly without: ReadonlySet<Feature>;
  readonly run: string;
  /** From the program's start to Ready; default: `startWithinMs` of limits.ts. */
  readonly startWithinMs?: number;
}

/** Small, so that everything is quick; more than the 12 partitions of the logs of evidence. */
const partitions = 15;
const first = [0, 1, 2, 3, 4, 5, 6, 7];
const host = '127.0.0.1';

export interface Scratch {
  readonly scene: Scene;
  /** Ends the program and the readers; the topics stay. */
  close(): Promise<void>;
}

/** Resolves when the program is Ready. @throws UnreachableError when it does not get there */
export async function openScratchService(options: ScratchOptions): Promise<Scratch> {
  const { bus, configDb, run, without } = options;
  const service = `conformance-${run}`;
  const instance = instanceName(service, 0);
  const [keys] = await Promise.all([
    generateKeys(),
    bus.ensureTopics(topicSpecs(service, partitions)),
  ]);
  const signToken = await tokenSigner(keys.signingJwk);
  const appender = await bus.appender(`conformance-${run}`);
  const journal = await openJournal(bus, service, partitions, 'start');
  // The program's until the end: it is killed and started again at the same ones.
  const reservation = await reservePorts([0, 0]);
  const [port, probePort] = reservation.ports as [number, number];
  const url = `ws://${host}:${port}`;
  const close = async (): Promise<void> => {
    await program?.stop();
    reservation.release();
    await journal.close();
    await appender.close();
  };
  const sign: NonNullable<Scene['sign']> = async (claims, issuedAtMs = Date.now()) => {
    const user = claims.user ?? 'nobody';
    const whole = {
      service,
      user,
      client: 'kit',
      session: newSessionId(issuedAtMs),
      partition: partitionOf(user, partitions),
      ...claims,
    };
    return (await signToken(whole, issuedAtMs)).token;
  };
  let program: (Program & { stop(): Promise<void> }) | undefined;
  try {
    const stage = await openStage({ bus, appender, journal, service, partitions, url, run }, first);
    program = await startProgram(options, probePort, {
      ...options.env,
      EVENKEEL_SERVICE: service,
      EVENKEEL_INSTANCE: instance,
      EVENKEEL_ORDINAL: '0',
      EVENKEEL_PARTITIONS: String(partitions),
      EVENKEEL_HOST: host,
      EVENKEEL_PORT: String(port),
      EVENKEEL_PROBE_PORT: String(probePort),
      EVENKEEL_URL: url,
      EVENKEEL_JWKS: JSON.stringify(keys.jwks),
    });
    const scene: Scene = {
      service,
      partitions,
      instance,
      url,
      bus,
      appender,
      journal,
      without,
      lines: [],
      run,
      sessionOf: (user, client) => sign({ user, client }),
      sign,
      stage,
      program,
      ...(configDb === undefined ? {} : { configDb }),
    };
    return {
      scene,
      close: async () => {
        for (const line of scene.lines) line.cut();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startProgram(
  { launch, run, startWithinMs: readyWithinMs = startWithinMs }: ScratchOptions,
  probePort: number,
  env: Readonly<Record<string, string>>,
): Promise<Program & { stop(): Promise<void> }> {
  const probeUrl = `http://${host}:${probePort}`;
  const ended: string[] = [];
  let lives = 0;
  let life: Life;
  let over: number | null | undefined;
  const start = async (): Promise<void> => {
    lives += 1;
    over = undefined;
    const uid = `kit-${run}-life-${lives}`;
    life = await launch({
      ...env,
      EVENKEEL_UID: uid,
      ...(ended.length === 0 ? {} : { EVENKEEL_ENDED_UIDS: ended.join(',') }),
    });
    ended.push(uid);
    const mine = life;
    void life.ended.then((code) => {
      if (life === mine) over = code;
    });
    await ready(probeUrl, mine, readyWithinMs, () => over);
  };
  await start();
  return {
    probeUrl,
    signal: (signal) => life.signal(signal),
    ended: (withinMs) => endedWithin(() => life.ended, withinMs),
    startAgain: async () => {
      if (over === undefined) {
        life.signal('SIGKILL');
        await endedWithin(() => life.ended, startWithinMs);
      }
      await start();
    },
    startWrongly: async (settings) => {
      const wrong = await launch({ ...env, EVENKEEL_UID: `kit-${run}-wrong`, ...settings });
      const code = await endedWithin(() => wrong.ended, startWithinMs);
      if (code === undefined) wrong.signal('SIGKILL');
      return code;
    },
    stop: async () => {
      if (over !== undefined) return;
      life.signal('SIGKILL');
      await endedWithin(() => life.ended, startWithinMs);
    },
  };
}

async function endedWithin(
  ended: () => Promise<number | null>,
  withinMs: number,
): Promise<number | null | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), withinMs);
  });
  return Promise.race([ended(), late]).finally(() => clearTimeout(timer));
}

/** Also the last question has this long, so that a slow answer is told from none. */
const answerMinMs = 1_000;
const readyRule =
  'ready once ownership and control are read to their ends and the lease is read back: protocol.md §10, Joining';

/** Why there was no answer. */
function wordsOfNone(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return 'the last request got no answer';
  const cause = error instanceof Error ? error.cause : undefined;
  const code = (cause as { readonly code?: unknown } | undefined)?.code;
  if (code === 'ECONNREFUSED') return 'nobody listens there';
  return `the last request failed (${typeof code === 'string' ? code : String(cause ?? error)})`;
}

/** `over`: how it ended, undefined while it runs. */
async function ready(
  probeUrl: string,
  life: Life,
  withinMs: number,
  over: () => number | null | undefined,
): Promise<void> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const leftMs = Math.max(answerMinMs, Math.ceil(untilMs - performance.now()));
    const answer = await fetch(`${probeUrl}/healthz/ready`, {
      signal: AbortSignal.timeout(leftMs),
    }).catch((error: unknown) => wordsOfNone(error));
    if (typeof answer !== 'string') await answer.body?.cancel();
    if (typeof answer !== 'string' && answer.status === 200) return;
    const end = over();
    if (end !== undefined || performance.now() > untilMs) {
      const what =
        end === undefined
          ? `did not answer GET ${probeUrl}/healthz/ready with 200 within ${withinMs / 1000} s: ${typeof answer === 'string' ? answer : `the last answer was ${answer.status}`} (${readyRule})`
          : `ended at its start, with ${end === null ? 'a signal' : `status ${end}`}`;
      if (end === undefined) life.signal('SIGKILL');
      const tail = life.tail();
      const said = tail === '' ? 'it said nothing' : `it said last: ${tail}`;
      throw new UnreachableError('program', `the program ${what}; ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5 * pollMs));
  }
}

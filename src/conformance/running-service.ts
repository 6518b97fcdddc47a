// One instance of a service that runs: found by its address, looked at as a client and by the logs. Nothing
// is done to it that a client, a producer or an operator would not do.

import { askDirectory, SessionUnavailableError } from '../client/directory.js';
import { BadInputError } from '../errors.js';
import { topicsOf } from '../logs/topics.js';
import type { Bus, ConfigDb } from '../ports.js';
import type { Feature } from './check.js';
import { openJournal } from './journal.js';
import { answerWithinMs, pollMs, reportedWithinMs, urlsShownMax } from './limits.js';
import { reachDirectory, reachInstance } from './reach.js';
import { thatGoesBack } from './goes-back.js';
import { held, type Mover, type Scene } from './scene.js';

export interface FoundInstance {
  readonly service: string;
  readonly instance: string;
  readonly url: string;
  /** P */
  readonly partitions: number;
}

type Lookup = Pick<ConfigDb, 'services' | 'reports'>;

/** By the reports of the instances. @throws BadInputError that names those there are */
export async function findInstance(
  url: string,
  around: { readonly bus: Bus; readonly configDb: Lookup; readonly service?: string | undefined },
): Promise<FoundInstance> {
  const { bus, configDb, service: wish } = around;
  const services = wish === undefined ? await configDb.services() : [wish];
  const running: string[] = [];
  for (const service of services) {
    for (const report of await configDb.reports(service)) {
      if (Date.now() - report.atMs < reportedWithinMs) running.push(report.url);
      if (plain(report.url) !== plain(url)) continue;
      const partitions = await bus.partitionCount(topicsOf(service).messages);
      return { service, instance: report.instance, url: report.url, partitions };
    }
  }
  const of = wish === undefined ? '' : ` of ${wish}`;
  throw new BadInputError(`no instance${of} has reported the address ${url}`, {
    field: '--instance',
    found: url,
    allowed:
      running.length === 0
        ? `the url of a running instance; none${of} has reported itself lately: evenkeel status`
        : firstOf(running.sort()),
  });
}

function firstOf(urls: readonly string[]): string {
  const more = urls.length - urlsShownMax;
  return `${urls.slice(0, urlsShownMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const plain = (url: string): string => url.replace(/\/+$/, '').toLowerCase();

export interface RunningService {
  readonly scene: Scene;
  /** Leaves the service as it was found. @throws NotPutBackError */
  close(): Promise<void>;
}

/**
 * @throws UnreachableError or BadInputError when nothing can be said to the instance or its directory, or the
 * instance holds no partition: there is nothing to connect to
 */
export async function openRunningService(options: {
  readonly found: FoundInstance;
  readonly bus: Bus;
  readonly configDb: Pick<ConfigDb, 'reports' | 'warmed'>;
  readonly directory: { readonly url: string; readonly key: string };
  readonly without: ReadonlySet<Feature>;
  readonly mover: Mover | undefined;
  readonly run: string;
  /** One line for whoever watches. */
  readonly say: (line: string) => void;
}): Promise<RunningService> {
  const { found, bus, configDb, directory, without, run } = options;
  const mover = options.mover && thatGoesBack(options.mover, options.say);
  const { service, partitions } = found;
  await reachInstance(found.url);
  await reachDirectory(directory, service, `conformance-${run}-0`);
  const appender = await bus.appender(`conformance-${run}`);
  const journal = await openJournal(bus, service, partitions, 'end');
  const scene: Scene = {
    ...found,
    bus,
    appender,
    journal,
    without,
    lines: [],
    run,
    sessionOf: (user, client) => sessionOf(directory, user, client),
    configDb,
    ...(mover === undefined ? {} : { mover }),
  };
  const close = async (): Promise<void> => {
    for (const line of scene.lines) line.cut();
    try {
      await mover?.goBack();
    } finally {
      await journal.close();
      await appender.close();
    }
  };
  if (held(scene).length > 0) return { scene, close };
  await close();
  throw new BadInputError(
    `${found.instance} holds no partition, so no client can be connected to it`,
    {
      field: '--instance',
      found: found.url,
      allowed: 'an instance that holds partitions: evenkeel status',
    },
  );
}

async function sessionOf(
  { url, key }: { readonly url: string; readonly key: string },
  user: string,
  client: string,
): Promise<string> {
  const untilMs = performance.now() + answerWithinMs;
  for (;;) {
    try {
      const question = { directoryUrl: url, directoryKey: key, user, client };
      return (await askDirectory(question)).token;
    } catch (error) {
      if (!(error instanceof SessionUnavailableError) || performance.now() > untilMs) throw error;
      const waitMs = error.retryAfterMs ?? 10 * pollMs;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

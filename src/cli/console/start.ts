// Owns: a console that runs: its parts put together, listening, and closed again. The command and the
// tests start it here.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { systemClock } from '../../adapters/system-clock.js';
import { consoleApp } from '../../console/app.js';
import { readAssets } from '../../console/assets.js';
import { createFeed } from '../../console/feed.js';
import { createSessions } from '../../console/sessions.js';
import { later } from '../../instance/later.js';
import { listenOn } from '../../server/listen.js';
import type { CliContext } from '../context.js';
import { actionsOf } from './actions.js';
import { costsOf } from './cost.js';
import { linksTo } from './links.js';
import { openReading } from './reading.js';

export interface ConsoleSettings {
  readonly port: number;
  readonly host: string;
  readonly token: () => string;
  readonly taskQueue: string;
  readonly temporalUiUrl: string | undefined;
  readonly namespace: string;
  /** Absent: nobody asks how it is. */
  readonly registry?: Registry;
  readonly origin: string | undefined;
  readonly personHeader: string | undefined;
}

export interface RunningConsole {
  readonly port: number;
  close(): Promise<void>;
}

/** @throws BadInputError when the port is taken, or the page was not built */
export async function startConsole(
  context: CliContext,
  settings: ConsoleSettings,
): Promise<RunningConsole> {
  const { host, origin, personHeader, token } = settings;
  const links = linksTo(settings.temporalUiUrl, settings.namespace);
  const assets = readAssets(pageFolder());
  const reading = openReading(context, systemClock, links);
  const { read, forget, services } = reading;
  const feed = createFeed({ read, forget, clock: systemClock, later });
  const app = await consoleApp({
    ...{ assets, feed, origin, personHeader },
    sessions: createSessions(token),
    services,
    act: actionsOf(context, settings.taskQueue),
    cost: costsOf(context, settings.taskQueue),
    clock: systemClock,
    registry: settings.registry ?? new Registry(),
    isLocal: isLoopback(host),
  });
  const port = await listenOn(app, { port: settings.port, host });
  return {
    port,
    close: async () => {
      await app.close();
      await reading.close();
    },
  };
}

export const isLoopback = (host: string): boolean =>
  ['127.0.0.1', '::1', 'localhost'].includes(host);

/** Beside the program in a build; below dist/ where it runs from its sources. */
function pageFolder(): string {
  const beside = fileURLToPath(new URL('../../../console-page/', import.meta.url));
  if (existsSync(beside)) return beside;
  return fileURLToPath(new URL('../../../dist/console-page/', import.meta.url));
}

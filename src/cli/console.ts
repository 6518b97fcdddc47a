// `evenkeel console`: the operator's page, live: whose connections move where, how long each was gone, what
// comes next, and the buttons of approve, abort and the like. Serves until SIGTERM.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { validateHeaderName } from 'node:http';
import { Command, Option } from 'commander';
import { Registry } from 'prom-client';
import { consoleTokenMinChars } from '../console/limits.js';
import { BadInputError } from '../errors.js';
import { startProbes } from '../server/probes.js';
import { runCommand } from './command.js';
import { isLoopback, startConsole } from './console/start.js';
import { allSettings, withSettings } from './context.js';
import { saidOption, wholeNumber } from './given.js';
import { taskQueueOption } from './temporal.js';
import { untilSignal } from './until-signal.js';

interface ConsoleCommandOptions {
  readonly port: string;
  readonly host: string;
  readonly tokenFile?: string;
  readonly origin?: string;
  readonly personHeader?: string;
  readonly probePort?: string;
  readonly taskQueue: string;
}

const portDefault = '7780';

export function consoleCommand(): Command {
  const command = new Command('console')
    .description('serve the page where operators watch and act, until SIGTERM')
    .addOption(
      new Option('--port <port>', 'port of the page, 0 for a free one')
        .env('EVENKEEL_CONSOLE_PORT')
        .default(portDefault),
    )
    .addOption(
      new Option('--host <address>', 'address to listen on; another one needs --token-file')
        .env('EVENKEEL_CONSOLE_HOST')
        .argParser(saidOption('--host', 'an address, for example 0.0.0.0'))
        .default('127.0.0.1'),
    )
    .addOption(
      new Option(
        '--token-file <file>',
        'what people log in with; made and printed when absent',
      ).env('EVENKEEL_CONSOLE_TOKEN_FILE'),
    )
    .addOption(
      new Option('--origin <url>', 'where browsers reach it, behind a proxy').env(
        'EVENKEEL_CONSOLE_ORIGIN',
      ),
    )
    .addOption(
      new Option(
        '--person-header <name>',
        'header in which a proxy names the person; only behind one that always sets it',
      ).env('EVENKEEL_CONSOLE_PERSON_HEADER'),
    )
    .addOption(
      new Option('--probe-port <port>', 'port of probes and metrics, 0 for a free one').env(
        'EVENKEEL_PROBE_PORT',
      ),
    )
    .addOption(taskQueueOption());
  withSettings(command, [...allSettings, 'TEMPORAL_UI_URL']);
  return command.action(
    runCommand<ConsoleCommandOptions>(async ({ options, context, progress }) => {
      const { host, tokenFile, taskQueue } = options;
      const port = wholeNumber('--port', options.port, { min: 0, max: 65_535 });
      const probePort = probePortOf(options.probePort);
      const origin = originOf(options.origin);
      const personHeader = headerOf(options.personHeader);
      refuseOpenDoor(host, tokenFile);
      const made = tokenFile === undefined ? randomBytes(24).toString('base64url') : undefined;
      const token = made === undefined ? () => readToken(tokenFile ?? '') : () => made;
      token(); // A file that cannot be read is said now, not at the first login.
      const registry = new Registry();
      const running = await startConsole(context, {
        registry,
        ...{ port, host, token, taskQueue, origin, personHeader },
        temporalUiUrl: await context.find('TEMPORAL_UI_URL'),
        namespace: (await context.find('TEMPORAL_NAMESPACE')) ?? 'default',
      });
      const well = () => true as const;
      const probes =
        probePort === undefined
          ? undefined
          : await startProbes({
              ...{ port: probePort, host, registry },
              answers: { startup: well, live: well, ready: well },
            });
      const shown = host.includes(':') ? `[${host}]` : host;
      progress(`console at ${origin ?? `http://${shown}:${running.port}`}`);
      if (made !== undefined) progress(`log in with this token, valid until it ends: ${made}`);
      await untilSignal();
      await Promise.all([running.close(), probes?.close()]);
      return { json: { stopped: true }, text: 'console stopped' };
    }),
  );
}

function probePortOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return wholeNumber('--probe-port', text, { min: 0, max: 65_535 });
}

function refuseOpenDoor(host: string, tokenFile: string | undefined): void {
  if (tokenFile !== undefined || isLoopback(host)) return;
  throw new BadInputError(`--host ${host} can be reached from other machines`, {
    field: '--host',
    found: `${host} without a token file`,
    allowed: 'with --token-file FILE (EVENKEEL_CONSOLE_TOKEN_FILE), or 127.0.0.1',
  });
}

/** The content without the line end that editors add. @throws BadInputError that does not show it */
function readToken(file: string): string {
  const wrong = (found: string) =>
    new BadInputError(`the token file ${file} ${found}`, {
      field: '--token-file',
      found,
      allowed: `a file with at least ${consoleTokenMinChars} characters`,
    });
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch {
    throw wrong('cannot be read');
  }
  if (text.length < consoleTokenMinChars) throw wrong('is too short to be a secret');
  return text;
}

/** What they hold is no name of anybody, and may be a secret, which records would keep. */
const namesNobody =
  /^(authorization|proxy-authorization|cookie|host|connection|content-.*|__proto__)$/i;

/** One that no request can have would take the name from nobody, without a word. @throws BadInputError */
function headerOf(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  try {
    validateHeaderName(name);
  } catch {
    throw new BadInputError(`--person-header is ${JSON.stringify(name)}, the name of no header`, {
      field: '--person-header',
      found: JSON.stringify(name),
      allowed: 'letters, digits and -, for example X-Forwarded-User',
    });
  }
  if (!namesNobody.test(name)) return name;
  throw new BadInputError(`--person-header is ${name}, a header that names nobody`, {
    field: '--person-header',
    found: name,
    allowed: 'one that holds the name alone, for example X-Forwarded-User',
  });
}

/** @throws BadInputError */
function originOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Below a path nothing of the page would be found, and a login in an address is in every log.
  const isOrigin = url !== undefined && [url.origin, `${url.origin}/`].includes(url.href);
  if (isOrigin && /^https?:$/.test(url.protocol)) return url.origin;
  throw new BadInputError(`--origin is ${text}`, {
    field: '--origin',
    found: text,
    allowed: 'for example https://console.example.org',
  });
}

// Owns: finding the session directory that the clients shall ask, and a first question to it, so that
// a wrong address or key is one sentence and not a thousand clients that retry.

import { readRunningEnv } from '../../stack/state.js';
import { BadInputError, UnreachableError } from '../errors.js';
import type { LoadOptions } from './options.js';

const answerWithinMs = 5_000;

export interface Target {
  readonly directoryUrl: string;
  readonly directoryKey: string;
  readonly service: string;
  readonly partitions: number;
  readonly instances: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Options, then environment, then what runs for this checkout. Throws BadInputError. */
export async function findTarget(
  options: Pick<LoadOptions, 'service' | 'directoryUrl' | 'directoryKey'>,
  env: Environment,
  running: () => Environment = readRunningEnv,
): Promise<Target> {
  const find = (option: string | undefined, name: string, example: string): string => {
    const found = option || env[name] || running()[name];
    if (found !== undefined && found !== '') return found;
    const flag = `--${name.replace('EVENKEEL_', '').toLowerCase().replace('_', '-')}`;
    throw new BadInputError(
      `${name} is not known: give ${flag}, or set it in the environment, ` +
        'or start a service with: npm run demo -- --stay',
      { field: name, found: 'nothing', allowed: example },
    );
  };
  const url = find(
    options.directoryUrl,
    'EVENKEEL_DIRECTORY_URL',
    'for example http://127.0.0.1:8080',
  );
  const directoryUrl = url.replace(/\/+$/, '');
  if (!/^https?:\/\/[^/]/.test(directoryUrl)) {
    const allowed = 'http://host:port';
    throw new BadInputError('the session directory is found by a url', {
      field: 'EVENKEEL_DIRECTORY_URL',
      found: url,
      allowed,
    });
  }
  const directoryKey = find(
    options.directoryKey,
    'EVENKEEL_DIRECTORY_KEY',
    'the key that the directory was started with',
  );
  const { service, partitions, instances } = await ask(directoryUrl, directoryKey);
  if (options.service !== undefined && options.service !== service) {
    throw new BadInputError(`the directory serves ${service}, not ${options.service}`, {
      field: '--service',
      found: options.service,
      allowed: service,
    });
  }
  return {
    directoryUrl,
    directoryKey,
    service,
    partitions,
    instances: Object.keys(instances).length,
  };
}

async function ask(url: string, key: string) {
  let status: number;
  let body: unknown;
  try {
    const response = await fetch(`${url}/v1/distribution`, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(answerWithinMs),
    });
    status = response.status;
    body = await response.json();
  } catch (cause) {
    throw new UnreachableError(
      'directory',
      `no session directory answers at ${url} (EVENKEEL_DIRECTORY_URL): does the service run?`,
      cause,
    );
  }
  if (status === 401) {
    throw new BadInputError(`the session directory at ${url} refuses the key`, {
      field: 'EVENKEEL_DIRECTORY_KEY',
      found: 'another key',
      allowed: 'the key that the directory was started with',
    });
  }
  const { service, partitions, instances } = (body ?? {}) as Record<string, unknown>;
  const isRight = typeof service === 'string' && typeof partitions === 'number';
  if (status !== 200 || !isRight || typeof instances !== 'object' || instances === null) {
    throw new UnreachableError(
      'directory',
      `what answers at ${url} (EVENKEEL_DIRECTORY_URL) is no session directory: HTTP ${status}`,
    );
  }
  return { service, partitions, instances };
}

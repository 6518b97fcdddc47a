// Owns: the Platform port on the local supervisor's HTTP API. Never starts or ends a process itself.

import { BadInputError, UnreachableError } from '../errors.js';
import { aText, checkGiven } from '../given.js';
import type { Platform, PlatformView } from '../ports.js';

/** A supervisor of this machine answers in milliseconds or not at all. */
const requestTimeoutMs = 5_000;

/** How instances of a service are started; the supervisor adds EVENKEEL_* of each instance. */
export interface ServiceDeclaration {
  /** Program and arguments, run without a shell. */
  readonly command: string;
  readonly args?: readonly string[];
  /** What `{image}` in command and args stands for: where this version of the program lies. */
  readonly image?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** P of the service. */
  readonly partitions: number;
  /** Instances to start with (default 0); a service that already runs keeps its number. */
  readonly replicas?: number;
  /** From SIGTERM to SIGKILL. */
  readonly terminationGraceMs?: number;
}

export interface ProcessesPlatform extends Platform {
  /** Starts a service, or changes what its next instances are started with. */
  declare(service: string, declaration: ServiceDeclaration): Promise<PlatformView>;
  /** Fault injection: sends the signal to a running instance; returns its uid. */
  kill(
    service: string,
    instance: string,
    signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT',
  ): Promise<string>;
}

/**
 * The platform behind a supervisor. Every call throws UnreachableError when it does not answer or
 * refuses the token, and BadInputError for a service that was never declared.
 */
export function connectProcesses(supervisor: {
  /** For example `http://127.0.0.1:7400`. */
  readonly url: string;
  readonly token: string;
}): ProcessesPlatform {
  checkGiven('connectProcesses', supervisor, { url: aText, token: aText });
  const base = supervisor.url.replace(/\/+$/, '');

  const call = async (
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    body?: unknown,
    expected: readonly number[] = [],
  ): Promise<{ status: number; body: unknown }> => {
    let status: number;
    let answer: unknown;
    try {
      const response = await fetch(`${base}/v1/services/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${supervisor.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      status = response.status;
      answer = await response.json();
    } catch (cause) {
      throw new UnreachableError(
        'supervisor',
        `the supervisor does not answer at ${base} (EVENKEEL_SUPERVISOR_URL)`,
        cause,
      );
    }
    if ((status >= 200 && status < 300) || expected.includes(status))
      return { status, body: answer };
    throw errorOf(status, answer, base);
  };

  return {
    observe: async (service) =>
      (await call('GET', encodeURIComponent(service))).body as PlatformView,
    scale: async (service, to) => {
      const path = `${encodeURIComponent(service)}/scale`;
      const { status, body } = await call('POST', path, to, [409, 412]);
      if (status === 409) return { kind: 'conflict', view: body as PlatformView };
      if (status === 412) return { kind: 'superseded', epoch: (body as { epoch: number }).epoch };
      return { kind: 'scaled', view: body as PlatformView };
    },
    hasEnded: async (service, uid) => {
      const path = `${encodeURIComponent(service)}/processes/${encodeURIComponent(uid)}`;
      return ((await call('GET', path)).body as { ended: boolean }).ended;
    },
    setTemplate: async (service, to) => {
      const path = `${encodeURIComponent(service)}/template`;
      const { status, body } = await call('POST', path, to, [409, 412]);
      if (status === 409) return { kind: 'refused', why: (body as { why: string }).why };
      if (status === 412) return { kind: 'superseded', epoch: (body as { epoch: number }).epoch };
      return { kind: 'set', view: body as PlatformView };
    },
    restart: async (service, { instance, ...which }) => {
      const path = `${encodeURIComponent(service)}/instances/${encodeURIComponent(instance)}/restart`;
      const { status, body } = await call('POST', path, which, [410, 412]);
      if (status === 410) return { kind: 'gone' };
      if (status === 412) return { kind: 'superseded', epoch: (body as { epoch: number }).epoch };
      return { kind: 'restarting' };
    },
    declare: async (service, declaration) =>
      (await call('PUT', encodeURIComponent(service), declaration)).body as PlatformView,
    kill: async (service, instance, signal) => {
      const path = `${encodeURIComponent(service)}/instances/${encodeURIComponent(instance)}/kill`;
      return ((await call('POST', path, { signal })).body as { uid: string }).uid;
    },
  };
}

function errorOf(status: number, answer: unknown, base: string): Error {
  const { error } = (answer ?? {}) as {
    error?: { message?: string; field?: string; found?: string; allowed?: string };
  };
  const message = error?.message ?? `HTTP ${status}`;
  if (status === 401) {
    return new UnreachableError(
      'supervisor',
      `the supervisor at ${base} refuses the token (EVENKEEL_SUPERVISOR_TOKEN)`,
    );
  }
  if (status < 500) return new BadInputError(message, error ?? {});
  return new UnreachableError('supervisor', `the supervisor at ${base} failed: ${message}`);
}

// The supervisor with real processes: the laws of Platform, faults, and nothing left behind.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connectProcesses,
  type ProcessesPlatform,
  type ServiceDeclaration,
} from '../../src/adapters/processes.js';
import { createApi } from '../../src/supervisor/api.js';
import { createSupervisor, type Supervisor } from '../../src/supervisor/supervisor.js';
import { platformContract } from '../contract/platform.js';
import { eventually } from '../support/eventually.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const tiny: ServiceDeclaration = {
  command: process.execPath,
  args: ['{image}'],
  image: here('./tiny-instance.mjs'),
  partitions: 360,
};
const token = 'token-of-this-test';
let logDir: string;
let supervisor: Supervisor;
let api: ReturnType<typeof createApi>;
let url: string;
let platform: ProcessesPlatform;
let services = 0;

beforeAll(async () => {
  logDir = mkdtempSync(join(tmpdir(), 'evenkeel-supervisor-'));
  supervisor = createSupervisor({ logDir, log: () => undefined });
  api = createApi(supervisor, token);
  url = await api.listen({ host: '127.0.0.1', port: 0 });
  platform = connectProcesses({ url, token });
});

afterAll(async () => {
  await supervisor.shutdown();
  await api.close();
  rmSync(logDir, { recursive: true, force: true });
});

async function declare(declaration: Partial<ServiceDeclaration>): Promise<string> {
  services += 1;
  const service = `svc${services}`;
  await platform.declare(service, { ...tiny, ...declaration });
  return service;
}

const instanceReady = (service: string) =>
  eventually(`${service}-0 is ready`, async () =>
    (await platform.observe(service)).instances.find(({ phase }) => phase === 'ready'),
  );

platformContract('the supervisor', () => ({
  platform,
  declare: (replicas) => declare({ replicas }),
  crash: async (service, instance) => void (await platform.kill(service, instance, 'SIGKILL')),
  image: here('./other-tiny-instance.mjs'),
}));

describe('the supervisor', () => {
  it('tells each instance who it is, with the environment of its service, and not its own token', async () => {
    const service = await declare({ replicas: 1, env: { KAFKA_BROKERS: 'broker:9092' } });
    const instance = await instanceReady(service);
    const page = await fetch(instance.url.replace('ws:', 'http:'));
    const env = (await page.json()) as Record<string, string>;
    expect(env).toMatchObject({
      EVENKEEL_SERVICE: service,
      EVENKEEL_INSTANCE: `${service}-0`,
      EVENKEEL_ORDINAL: '0',
      EVENKEEL_UID: instance.uid,
      EVENKEEL_PARTITIONS: '360',
      EVENKEEL_URL: instance.url,
      KAFKA_BROKERS: 'broker:9092',
    });
    expect(Object.values(env)).not.toContain(token);
    expect(readFileSync(join(logDir, `${service}-0.log`), 'utf8')).toContain(
      `${service}-0 started`,
    );
  });

  it('tells a new life which earlier processes of its ordinal it saw end', async () => {
    const service = await declare({ replicas: 1 });
    const { uid } = await instanceReady(service);
    await platform.kill(service, `${service}-0`, 'SIGKILL');
    const next = await eventually('another life is ready', async () => {
      const instance = await instanceReady(service);
      return instance.uid === uid ? undefined : instance;
    });
    const page = await fetch(next.url.replace('ws:', 'http:'));
    const env = (await page.json()) as Record<string, string>;
    expect(env['EVENKEEL_ENDED_UIDS']).toBe(uid);
  });

  it('keeps an instance starting while its probe says no', async () => {
    const service = await declare({ replicas: 1, env: { NEVER_READY: '1' } });
    await eventually('the page of the instance answers', async () => {
      const [instance] = (await platform.observe(service)).instances;
      return instance && (await fetch(instance.url.replace('ws:', 'http:'))).ok;
    });
    expect((await platform.observe(service)).instances[0]?.phase).toBe('starting');
  });

  it('takes readiness from a paused instance and gives it back, without another life', async () => {
    const service = await declare({ replicas: 1 });
    const before = await instanceReady(service);
    await platform.kill(service, `${service}-0`, 'SIGSTOP');
    await eventually('not ready while paused', async () => {
      return (await platform.observe(service)).instances[0]?.phase === 'starting';
    });
    await platform.kill(service, `${service}-0`, 'SIGCONT');
    expect((await instanceReady(service)).uid).toBe(before.uid);
  });

  it('kills an instance that refuses to end after its grace period', async () => {
    const service = await declare({
      replicas: 1,
      env: { IGNORE_TERM: '1' },
      terminationGraceMs: 300,
    });
    const { uid } = await instanceReady(service);
    const { version } = await platform.observe(service);
    await platform.scale(service, { replicas: 0, epoch: 1, version });
    expect((await platform.observe(service)).instances[0]?.phase).toBe('terminating');
    await eventually('the process has ended', () => platform.hasEnded(service, uid));
  });

  it('goes on trying, in growing intervals, to start what ends at once', async () => {
    const service = await declare({ replicas: 1, env: { EXIT_AT_ONCE: '1' } });
    const uids = new Set<string>();
    await eventually('a third life', async () => {
      for (const { uid } of (await platform.observe(service)).instances) uids.add(uid);
      return uids.size >= 3;
    });
    // Corrected, the next life stays.
    await platform.declare(service, { ...tiny });
    await instanceReady(service);
  });

  it('survives a program that cannot be started', async () => {
    const service = await declare({ replicas: 1, command: '/no/such/program' });
    await platform.declare(service, { ...tiny });
    await instanceReady(service);
  });

  it('answers nothing without the token', async () => {
    const answer = await fetch(`${url}/v1/services`);
    expect(answer.status).toBe(401);
    const stranger = connectProcesses({ url, token: 'guess' });
    await expect(stranger.observe('any')).rejects.toThrow(/refuses the token/);
  });

  it('names the field that is wrong in a declaration', async () => {
    const wrong = { ...tiny, partitions: 0 };
    await expect(platform.declare('wrong', wrong)).rejects.toMatchObject({
      name: 'BadInputError',
      field: 'partitions',
      found: '0',
    });
    await expect(platform.declare('Not-A-Name', tiny)).rejects.toMatchObject({ field: 'service' });
  });

  it('says in one sentence that nobody answers at an address', async () => {
    const nobody = connectProcesses({ url: 'http://127.0.0.1:1', token });
    await expect(nobody.observe('any')).rejects.toThrow(
      'the supervisor does not answer at http://127.0.0.1:1 (EVENKEEL_SUPERVISOR_URL)',
    );
  });
});

describe('the supervisor as a process', () => {
  async function start(dir: string): Promise<{ child: ChildProcess; platform: ProcessesPlatform }> {
    const child = spawn(
      process.execPath,
      [here('./run-from-sources.mjs'), here('../../src/supervisor/main.ts')],
      {
        env: { ...process.env, EVENKEEL_DATA_DIR: dir, EVENKEEL_SUPERVISOR_TOKEN: '' },
        stdio: 'ignore',
      },
    );
    const address = await eventually(
      'supervisor.json is written',
      () =>
        JSON.parse(readFileSync(join(dir, 'supervisor.json'), 'utf8')) as {
          url: string;
          token: string;
        },
    );
    return { child, platform: connectProcesses(address) };
  }

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`leaves no instance behind when it ends by ${signal}`, async () => {
      const dir = mkdtempSync(join(tmpdir(), 'evenkeel-supervisor-'));
      const { child, platform: remote } = await start(dir);
      await remote.declare('chat', { ...tiny, replicas: 2 });
      const pids = await eventually('both instances show their page', async () => {
        const { instances } = await remote.observe('chat');
        const pages = instances
          .filter(({ phase }) => phase === 'ready')
          .map((instance) => instance.url);
        return pages.length === 2 && pages;
      });
      child.kill(signal);
      await eventually('no instance listens any more', async () => {
        const answers = await Promise.allSettled(
          pids.map((page) => fetch(page.replace('ws:', 'http:'))),
        );
        return answers.every(({ status }) => status === 'rejected');
      });
      rmSync(dir, { recursive: true, force: true });
    });
  }
});

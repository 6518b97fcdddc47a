// The image: the Dockerfile's own steps, run without an engine, and what they leave started as a cluster
// starts it: user 1000, read-only root, no capabilities. The base image is played by this machine.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stackHome } from '../../../stack/checkout.js';
import { spawnGuarded, type GuardedProcess } from '../../../stack/guarded.js';
import { buildImage, type BuiltImage } from '../../../stack/image/build.js';
import { reservePorts } from '../../../stack/ports.js';
import { eventually } from '../../support/eventually.js';
import { readImage } from '../../support/kubelet/image.js';
import { canSandbox, sandboxed, type Sandbox } from '../../support/kubelet/sandbox.js';
import { addressesOf } from '../../support/service-under-test.js';

const directory = join(stackHome, 'test', 'image');
const buildMs = 600_000;
let image: BuiltImage;
let app = '';

beforeAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const onProgress = (line: string) => void process.stderr.write(`${line}\n`);
  image = await buildImage({ into: join(directory, 'stages'), onProgress });
  app = join(image.root, image.config.workingDir);
}, buildMs);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('what the Dockerfile builds', () => {
  it('has the compiled programs, the prebuilt workflows, and nothing to build or test with', () => {
    expect(readdirSync(app).sort()).toEqual(['LICENSE', 'dist', 'node_modules', 'package.json']);
    expect(existsSync(join(app, 'dist/workflow-bundle.js'))).toBe(true);
    for (const name of ['typescript', 'vitest', 'eslint', '@temporalio/testing']) {
      expect(existsSync(join(app, 'node_modules', name)), name).toBe(false);
    }
    const sources = readdirSync(join(app, 'dist'), { recursive: true, encoding: 'utf8' });
    expect(sources.filter((path) => /(?<!\.d)\.ts$/.test(path))).toEqual([]);
  });

  it('was built by all of its commands but those that change the base image', () => {
    expect(image.leftOut).toEqual([expect.stringMatching(/ca-certificates/)]);
  });
});

describe.skipIf(!canSandbox())('a container of it', () => {
  let started = 0;
  const sandbox = (env: Readonly<Record<string, string>>): Sandbox => {
    started += 1;
    const root = join(directory, `root-${started}`);
    const tmp = join(directory, `tmp-${started}`);
    [root, tmp].forEach((path) => mkdirSync(path));
    const files = Object.entries(readImage(app).files);
    return {
      root,
      mounts: [
        ...files.map(([path, source]) => ({ path, source, readOnly: true })),
        { path: '/tmp', source: tmp, readOnly: false },
      ],
      workingDir: image.config.workingDir,
      env: { PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...image.config.env, ...env },
      user: 1000,
      readOnlyRoot: true,
    };
  };
  const start = async (command: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const [program = '', ...args] = command;
    const invocation = { program: program === 'node' ? process.execPath : program, args };
    const { program: runner, args: all } = sandboxed(sandbox(env), invocation);
    const logFile = join(directory, `log-${started}`);
    const running = await spawnGuarded('image', runner, all, { logFile });
    return { running, output: () => readFileSync(logFile, 'utf8') };
  };
  const entry = (...args: string[]) => [...image.config.entrypoint, ...args];
  const run = async (command: readonly string[], env?: Readonly<Record<string, string>>) => {
    const { running, output } = await start(command, env);
    const { code } = await running.exited;
    return { code, output: output() };
  };

  it('is not root, has no capability, and can write to nothing but /tmp', async () => {
    const script = `
      const { readFileSync, writeFileSync } = require('node:fs');
      const may = (path) => { try { writeFileSync(path, ''); return true; } catch { return false; } };
      const status = readFileSync('/proc/self/status', 'utf8');
      console.log(JSON.stringify({
        user: process.getuid(),
        capabilities: /CapEff:\\s*(\\w+)/.exec(status)[1],
        writable: ['/x', '/app/x', '/app/dist/x', '/usr/x', '/tmp/x'].filter(may),
      }));`;
    const { output } = await run(['node', '-e', script]);
    expect(JSON.parse(output)).toEqual({
      ...{ user: 1000, capabilities: '0000000000000000', writable: ['/tmp/x'] },
    });
  });

  it('answers --help', async () => {
    const { code, output } = await run(entry('--help'));
    expect(output).toContain('Usage: evenkeel');
    expect(code).toBe(0);
  });

  describe('that is the worker', () => {
    let worker: GuardedProcess | undefined;
    let output = () => '';
    let port = 0;
    const health = () =>
      run(image.config.healthCheck?.command ?? [], { EVENKEEL_PROBE_PORT: String(port) });

    beforeAll(async () => {
      const reserved = await reservePorts([0]);
      port = reserved.ports[0] ?? 0;
      const started = await start(entry(...image.config.cmd), {
        ...addressesOf(process.env),
        EVENKEEL_TASK_QUEUE: `image-${process.pid}`,
        // Asked only when there is a service of this queue.
        EVENKEEL_SUPERVISOR_URL: 'http://127.0.0.1:9',
        EVENKEEL_SUPERVISOR_TOKEN: 'nobody-asks-for-this-token',
        EVENKEEL_PROBE_PORT: String(port),
      });
      reserved.release();
      worker = started.running;
      output = started.output;
    });
    afterAll(() => worker?.stop('SIGKILL'));

    it('gets Ready, is healthy while it lives, and ends at SIGTERM', async () => {
      const ready = () =>
        fetch(`http://127.0.0.1:${port}/healthz/ready`).then(
          ({ ok }) => ok,
          () => worker?.isRunning() !== true && { over: output() },
        );
      expect(await eventually('it is Ready', ready, 60_000)).toBe(true);
      expect(await health()).toMatchObject({ code: 0 });
      worker?.signal('SIGTERM');
      expect(await worker?.exited).toEqual({ code: 0, signal: null });
      expect(output()).toContain('worker stopped');
      expect(await health()).toMatchObject({ code: 1 });
    });
  });
});

// The npm package as its users meet it: packed, installed into an empty project, used from JavaScript and
// TypeScript, on Node 20 and 22, and bundled for a browser.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { spawnGuarded } from '../../../stack/guarded.js';
import { eventually } from '../../support/eventually.js';
import { createProject, ofCheckout, type Project } from './project.js';

/** What an embedder gets besides Evenkeel. Whoever adds one says here that it is worth it to all of them. */
const packagesMax = 40;
const tarballMaxBytes = 4_000_000;

let project: Project;
beforeAll(async () => {
  project = await createProject();
  const megabytes = (project.packed.sizeBytes / 1e6).toFixed(1);
  const seconds = (project.installMs / 1000).toFixed(1);
  process.stderr.write(
    `package: ${megabytes} MB, ${project.packed.files.length} files; installed in ${seconds} s with ${project.packages().length} packages\n`,
  );
}, 600_000);
afterAll(() => project.remove());

const entries = ['instance', 'client', 'plan', 'worker', 'testing'];
const planProgram = [
  "import { planDistribution } from 'evenkeel/plan';",
  "const plan = planDistribution({ partitions: 12, instances: ['a-0', 'a-1'] });",
  'console.log(JSON.stringify(plan.instances));',
];
const planned = '{"a-0":[[0,5]],"a-1":[[6,11]]}';

describe('the tarball', () => {
  it('is small', () => {
    expect(project.packed.sizeBytes).toBeLessThan(tarballMaxBytes);
  });

  it('holds compiled code, types and maps, and nothing that only this checkout needs', () => {
    const { files } = project.packed;
    const foreign =
      /^(?!package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$|compose\.yaml$|stack\/(guard|bootstrap\/(identity|lock))\.mjs$|dist\/stack\/(checkout|guarded|ports)\.|docs\/|dist\/(src|activities|workflows)\/|dist\/workflow-bundle(-encoded)?\.js$)/;
    expect(files.filter((path) => foreign.test(path))).toEqual([]);
    expect(files.filter((path) => /src\/(load|simulate)\/|\.test\./.test(path))).toEqual([]);
    const modules = files.filter((path) => /\.js$/.test(path) && !/bundle/.test(path));
    const lacking = modules.filter(
      (path) => !files.includes(`${path}.map`) || !files.includes(path.replace(/\.js$/, '.d.ts')),
    );
    expect(lacking).toEqual([]);
    expect(files).toContain('dist/workflow-bundle.js');
    expect(files).toContain('dist/workflow-bundle-encoded.js');
  });

  it('has maps that show the sources without having them beside', () => {
    const map = readFileSync(
      join(project.directory, 'node_modules/evenkeel/dist/src/package/plan.js.map'),
      'utf8',
    );
    const { sourcesContent } = JSON.parse(map) as { sourcesContent?: string[] };
    expect(sourcesContent?.[0]).toContain('evenkeel/plan');
  });
});

describe('an empty project that installs it', () => {
  it(`gets at most ${packagesMax} packages, none of them Temporal's or Kubernetes'`, () => {
    const names = project.packages();
    expect(names.length, names.join(' ')).toBeLessThanOrEqual(packagesMax);
    expect(names.join(' ')).not.toMatch(/@temporalio|@kubernetes|fastify|d3-|webpack/);
  });

  it('imports every entry from plain JavaScript, and nothing that is not offered', async () => {
    project.write('all.mjs', [
      ...entries.map((name) => `await import('evenkeel/${name}');`),
      "const inner = await import('evenkeel/dist/src/limits.js').catch(({ code }) => code);",
      'console.log(inner);',
    ]);
    expect(await project.run(['all.mjs'])).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });

  it('plans from JavaScript, from CommonJS, and by the command', async () => {
    project.write('plan.mjs', planProgram);
    project.write('plan.cjs', [
      "const { planDistribution } = require('evenkeel/plan');",
      ...planProgram.slice(1),
    ]);
    project.write('plan.json', ['{ "partitions": 12, "instances": ["a-0", "a-1"] }']);
    expect(await project.run(['plan.mjs'])).toBe(`${planned}\n`);
    expect(await project.run(['--no-warnings', 'plan.cjs'])).toBe(`${planned}\n`);
    const args = ['exec', '--', 'evenkeel', 'plan', '--input', 'plan.json', '--json'];
    const said = await project.npm('--silent', ...args);
    expect(JSON.parse(said)).toMatchObject({ instances: JSON.parse(planned) as object });
  });

  it('is told what to install where a part needs more', async () => {
    const failing = project.npm('--silent', 'exec', '--', 'evenkeel', 'status', '--json');
    await expect(failing).rejects.toThrow(/evenkeel status needs @temporalio\/\w+, which is not/);
    project.write('worker.mjs', [
      "import { runWorker, connectKubernetes } from 'evenkeel/worker';",
      'const port = new Proxy({}, { get: () => () => undefined });',
      'const ports = { configDb: port, bus: port, platform: port, metrics: port, clock: port };',
      "const worker = runWorker({ temporalAddress: '127.0.0.1:1', ports });",
      'console.log(await worker.catch(({ name }) => name));',
      'console.log(await connectKubernetes({}).catch(({ message }) => message));',
    ]);
    const [first, second] = (await project.run(['worker.mjs'])).split('\n');
    expect(first).toBe('MissingPackageError');
    expect(second).toMatch(
      /^the Kubernetes platform needs @kubernetes\/client-node, which is not installed: npm install @kubernetes\/client-node@/,
    );
  });

  it.each(['20', '22'])('works on Node %s', async (version) => {
    await project.npm(
      'install',
      '--no-save',
      `node-${process.platform}-${process.arch}@${version}`,
    );
    const node = join(
      project.directory,
      `node_modules/node-${process.platform}-${process.arch}/bin/node`,
    );
    project.write('versions.mjs', [
      ...planProgram,
      ...entries.map((name) => `await import('evenkeel/${name}');`),
      'console.log(process.versions.node);',
    ]);
    const [first, second] = (await project.run(['versions.mjs'], node)).split('\n');
    expect(first).toBe(planned);
    expect(second?.split('.')[0]).toBe(version);
  });
});

describe('TypeScript, strict', () => {
  const program = [
    "import { connect, type Client } from 'evenkeel/client';",
    "import { startInstance, type Instance, type PartitionSink } from 'evenkeel/instance';",
    "import { planDistribution, type Plan } from 'evenkeel/plan';",
    "import { createMemoryBus } from 'evenkeel/testing';",
    "import { runWorker, type RunWorkerOptions } from 'evenkeel/worker';",
    "export const plan: Plan = planDistribution({ partitions: 2, instances: ['a-0'] });",
    "export const client = (): Client => connect({ user: 'ada', directoryUrl: 'http://d' });",
    'export const sink: PartitionSink = { onRecords() {}, onJump() {}, onForget() {} };',
    'export const start: (...given: Parameters<typeof startInstance>) => Promise<Instance> = startInstance;',
    'export const bus = createMemoryBus();',
    'export const work = (options: RunWorkerOptions) => runWorker(options);',
    '// @ts-expect-error: partitions is a number',
    "planDistribution({ partitions: 'two', instances: ['a-0'] });",
  ];
  const compile = (file: string, options: Readonly<Record<string, unknown>>) => {
    const typeRoots = [ofCheckout('@types')];
    const compilerOptions = { strict: true, noEmit: true, typeRoots, ...options };
    project.write('tsconfig.json', [JSON.stringify({ compilerOptions, files: [file] })]);
    return project.run([ofCheckout('typescript/bin/tsc'), '-p', '.']);
  };
  const node16 = { module: 'node16', target: 'es2022' };
  const bundler = { module: 'esnext', moduleResolution: 'bundler', target: 'es2022' };

  it.each([
    ['node16', node16],
    ['bundler', bundler],
  ])('finds the types of every entry by moduleResolution %s', async (_name, options) => {
    const file = project.write('typed.ts', program);
    expect(await compile(file, { ...options, types: ['node'], skipLibCheck: true })).toBe('');
  });

  it('needs no skipLibCheck and none of Node’s types for what browsers run', async () => {
    const file = project.write('browser.ts', [
      program[0] ?? '',
      program[2] ?? '',
      ...program.slice(5, 7),
    ]);
    expect(await compile(file, { ...bundler, types: [], lib: ['es2023', 'dom'] })).toBe('');
  });

  it('sees a mistake', async () => {
    const file = project.write('wrong.ts', [program[2] ?? '', "planDistribution('x');"]);
    await expect(compile(file, { ...node16, types: [] })).rejects.toThrow('TS2345');
  });
});

describe('a bundle', () => {
  const bundle = async (entry: string, conditions: readonly string[]) => {
    project.write('entry.js', [`export * from 'evenkeel/${entry}';`]);
    const built = await build({
      root: project.directory,
      configFile: false,
      logLevel: 'silent',
      resolve: { conditions: [...conditions] },
      build: {
        write: false,
        minify: false,
        lib: { entry: 'entry.js', formats: ['es'], fileName: 'entry' },
        rollupOptions: { external: [/^node:/, 'ws'] },
      },
    });
    const [first] = [built].flat();
    if (first === undefined || !('output' in first)) throw new Error('nothing was built');
    return first.output.flatMap((chunk) => ('code' in chunk ? [chunk.code] : [])).join('\n');
  };
  const imported = /(?:^|\n)import[^\n]*from\s*["'][^\n]*|\b(?:process|Buffer|require)\b\s*[.(]/;

  it.each(['client', 'plan'])('of evenkeel/%s for a browser has nothing of Node', async (entry) => {
    const code = await bundle(entry, ['browser', 'module', 'import', 'default']);
    expect(code.length).toBeGreaterThan(5_000);
    expect(imported.exec(code)?.[0]).toBeUndefined();
  });

  it('of evenkeel/client for Node has ws', async () => {
    const code = await bundle('client', ['node', 'module', 'import', 'default']);
    expect(imported.exec(code)?.[0]).toContain('ws');
  });
});

it('with the packages that it asks for, the command runs a worker from the package alone', async () => {
  const asked = await project
    .npm('--silent', 'exec', '--', 'evenkeel', 'worker', '--json')
    .catch(({ message }: Error) => message);
  const [, wanted = ''] = /npm install ((?:@temporalio\/\S+?@[\d.]+ ?)+)/.exec(asked) ?? [];
  expect(wanted.trim().split(' ')).toHaveLength(5);
  await project.npm('install', ...wanted.trim().split(' '));
  const logFile = join(project.directory, 'worker.log');
  const bin = join(project.directory, 'node_modules/.bin/evenkeel');
  const worker = await spawnGuarded('worker', bin, ['worker', '--task-queue', 'of-the-package'], {
    logFile,
    cwd: project.directory,
    env: {
      ...inject('stack'),
      EVENKEEL_SUPERVISOR_URL: 'http://127.0.0.1:1',
      EVENKEEL_SUPERVISOR_TOKEN: 'nobody-asks',
    },
  });
  const log = () => readFileSync(logFile, 'utf8');
  await eventually(
    'the worker takes tasks, or says why not',
    () => log().includes('takes tasks of of-the-package') || !worker.isRunning(),
    120_000,
  );
  expect(log()).toContain('takes tasks of of-the-package');
  await worker.stop();
  expect(await worker.exited).toMatchObject({ code: 0 });
});

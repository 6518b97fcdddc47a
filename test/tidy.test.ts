// The style of this house, held by an ordinary test. Each complaint says what to do instead.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allowed, clientLibraries, layerOf } from './support/layers.js';
import { codeOf, filesBelow, importsOf, root, type SourceFile } from './support/source-tree.js';

const linesMax = 300;
const folders = [
  'src',
  'workflows',
  'activities',
  'stack',
  'examples',
  'bench',
  'fuzz',
  'faults',
  'chaos',
  'console',
  'test',
];
const sources = folders.flatMap((folder) => filesBelow(folder, ['.ts', '.tsx', '.mjs', '.js']));
const typescript = sources.filter(({ path }) => /\.tsx?$/.test(path));
const production = typescript.filter(({ path }) => !path.startsWith('test/'));

type Complaint = string | false | undefined;
const complaints = (
  files: readonly SourceFile[],
  rule: (file: SourceFile) => Complaint | Complaint[],
) =>
  files.flatMap((file) =>
    [rule(file)].flat().flatMap((complaint) => (complaint ? [`${file.path}: ${complaint}`] : [])),
  );

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

describe('every source file', () => {
  it(`has at most ${linesMax} lines`, () => {
    expect(
      complaints(typescript, ({ text }) => {
        const lines = text.split('\n').length - 1;
        return lines > linesMax && `${lines} lines: split it by idea, not by size`;
      }),
    ).toEqual([]);
  });

  it('has a kebab-case name that says what it owns', () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.(tsx?|mjs|js)$/;
    const empty = /(^|-)(managers?|helpers?|utils?|misc|common|stuff)(-|\.|$)/;
    expect(
      complaints(sources, ({ path }) => [
        !kebab.test(basename(path)) && 'name it in kebab-case, like hand-over.ts',
        empty.test(basename(path)) && 'name it after what it owns',
      ]),
    ).toEqual([]);
  });

  it('starts with a comment that says what it owns', () => {
    expect(
      complaints(
        sources.filter(({ path }) => !path.startsWith('test/')),
        ({ text }) =>
          !/^(#!.*\n)?(\/\/|\/\*)/.test(text) &&
          'start with a comment: what it owns, what it never does',
      ),
    ).toEqual([]);
  });

  it('keeps to the language of this house', () => {
    expect(
      complaints(typescript, ({ path, text }) => {
        const code = codeOf(text);
        return [
          /^\s*(export\s+)?(declare\s+)?(const\s+)?enum\s+\w/m.test(code) &&
            'instead of an enum use a union of literals with `as const`',
          /^export\s+default\b/m.test(code) &&
            !path.endsWith('.config.ts') &&
            'instead of a default export use a named one',
          /^\s*(export\s+)?(abstract\s+)?class\s+\w+(<[^{]*>)?\s+extends\s+(?!\w*Error\b)/m.test(
            code,
          ) && 'instead of inheritance pass what is needed (only errors extend)',
        ];
      }),
    ).toEqual([]);
  });

  it('leaves no note for later', () => {
    const note = new RegExp(
      `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`,
    );
    expect(
      complaints(sources, ({ text }) => note.test(text) && 'do it now, or write an issue'),
    ).toEqual([]);
  });
});

/** What reaches for a clock, randomness, a service or a module that is not written down as an import. */
const impure =
  /\b(Date\.now|new Date(\(\)|(?!\s*\())|Math\.random|performance|process\.|setTimeout|setInterval|crypto|fetch\(|globalThis|import\()/;

describe('the dependency direction', () => {
  it('points from the outside to the core, never back', () => {
    expect(
      complaints(production, (file) => {
        const layer = layerOf(file.path);
        const mayImport = allowed[layer];
        if (mayImport === undefined) {
          const known = ['root', 'stack', 'examples', 'bench', 'fuzz', 'faults', 'chaos'].includes(
            layer,
          );
          return !known && `${layer} is no known layer: name it here and in ARCHITECTURE.md`;
        }
        return importsOf(file).map(({ target, specifier, typeOnly }) => {
          if (target === undefined) return undefined;
          const to = layerOf(target);
          if (to === layer || mayImport.includes(to)) return undefined;
          if (layer === 'workflows' && typeOnly && (to === 'activities' || to === 'core'))
            return undefined;
          if (to === 'root') return `${specifier}: nobody imports a composition root`;
          return `${specifier}: ${layer} may import only ${[layer, ...mayImport].join(', ')}`;
        });
      }),
    ).toEqual([]);
  });

  it('keeps src/core to itself: no package, no clock, no randomness', () => {
    expect(
      complaints(
        production.filter(({ path }) => layerOf(path) === 'core'),
        (file) => [
          ...importsOf(file).map(
            ({ target, specifier }) =>
              target === undefined && `${specifier}: core imports only itself`,
          ),
          impure.test(codeOf(file.text)) &&
            'take the time as nowMs and randomness as a seeded source',
        ],
      ),
    ).toEqual([]);
  });

  it('keeps workflow code deterministic by its imports', () => {
    const deterministic = ['@temporalio/workflow', '@temporalio/common'];
    expect(
      complaints(
        production.filter(({ path }) => layerOf(path) === 'workflows'),
        (file) =>
          importsOf(file).map(
            ({ target, specifier, typeOnly }) =>
              target === undefined &&
              !typeOnly &&
              !deterministic.includes(specifier) &&
              `${specifier}: workflows import only ${deterministic.join(', ')}`,
          ),
      ),
    ).toEqual([]);
  });

  it('gives each client library one job', () => {
    expect(
      complaints(
        production.filter(({ path }) => path.startsWith('src/') || layerOf(path) in allowed),
        (file) =>
          importsOf(file).map(({ specifier, target, typeOnly }) => {
            if (target !== undefined || typeOnly) return undefined;
            const layers = clientLibraries[packageOf(specifier)];
            if (layers === undefined || layers.includes(layerOf(file.path))) return undefined;
            return `${specifier}: only ${layers.join(', ')} may; go through src/ports.ts`;
          }),
      ),
    ).toEqual([]);
  });

  it('gives each adapter one client library', () => {
    const libraries = new Map<string, Set<string>>();
    for (const file of production.filter(({ path }) => layerOf(path) === 'adapters')) {
      const adapter = (file.path.split('/')[2] ?? '').replace(/\.ts$/, '');
      const of = libraries.get(adapter) ?? new Set<string>();
      libraries.set(adapter, of);
      for (const { specifier, target } of importsOf(file)) {
        if (target !== undefined || specifier.startsWith('node:')) continue;
        // OpenTelemetry is one library in many packages.
        of.add(packageOf(specifier).replace(/^(@opentelemetry)\/.*$/, '$1'));
      }
    }
    const many = [...libraries].filter(([, of]) => of.size > 1).map(([name, of]) => [name, ...of]);
    expect(many).toEqual([]);
  });
});

describe('the repository', () => {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');

  it('has the files that readers and tools look for', () => {
    const wanted =
      'LICENSE README.md ARCHITECTURE.md CHANGELOG.md CONTRIBUTING.md Dockerfile package.json';
    expect(wanted.split(' ').filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(read('LICENSE')).toContain('Apache License');
  });

  it('names no package registry: everybody has their own', () => {
    const hosts = new RegExp(
      ['registry\\.npmjs', 'repo1?\\.maven', 'proxy\\.golang', 'pypi\\.org', '"resolved":'].join(
        '|',
      ),
    );
    const configs = ['package.json', 'package-lock.json', '.npmrc', 'Dockerfile']
      .filter((path) => existsSync(join(root, path)))
      .map((path) => ({ path, text: read(path) }));
    const others = sources.filter(({ path }) => path !== 'test/tidy.test.ts');
    expect(
      complaints([...configs, ...others], ({ text }) => hosts.test(text) && 'leave it to the user'),
    ).toEqual([]);
  });
});

describe('these rules', () => {
  it('see every way of importing', () => {
    const text = [
      "import { a } from './a.js';",
      "import type { B } from '../ports.js';",
      "export { c } from 'kafkajs/x';",
      "const d = await import('node:fs');",
      "import '../errors.js';",
      "// import { no } from './no.js';",
    ].join('\n');
    expect(importsOf({ path: 'src/core/x.ts', text })).toEqual([
      { specifier: './a.js', typeOnly: false, target: 'src/core/a.ts' },
      { specifier: '../ports.js', typeOnly: true, target: 'src/ports.ts' },
      { specifier: 'kafkajs/x', typeOnly: false, target: undefined },
      { specifier: 'node:fs', typeOnly: false, target: undefined },
      { specifier: '../errors.js', typeOnly: false, target: 'src/errors.ts' },
    ]);
  });

  it('see what is impure', () => {
    const wrong = [
      'crypto.randomUUID()',
      'await fetch(url)',
      'globalThis.Date',
      'new Date()',
      'new Date;',
      'Date.now()',
      'Math.random()',
      'performance.now()',
      "await import('./a.js')",
      'await import(name)',
    ];
    expect(wrong.filter((code) => !impure.test(code))).toEqual([]);
    const right = ['new Date(atMs)', "import { a } from './a.js'", 'prefetch(p)', 'fetched'];
    expect(right.filter((code) => impure.test(code))).toEqual([]);
  });

  it('know which layer a file belongs to', () => {
    const layers = {
      'src/core/placement/plan.ts': 'core',
      'src/ports.ts': 'ports',
      'src/cli/plan.ts': 'root',
      'src/messaging/instance-main.ts': 'root',
      'src/messaging/server.ts': 'messaging',
      'src/directory/main.ts': 'root',
      'workflows/saga.ts': 'workflows',
    };
    for (const [path, layer] of Object.entries(layers)) expect(layerOf(path), path).toBe(layer);
  });
});

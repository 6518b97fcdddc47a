// The code blocks of the documents that are no command lines: JSON and YAML parse, policies and plans go
// through the code that takes them, TypeScript compiles. Blocks with `file=` in TypeScript are the
// embedding guide's, whose own test compiles them together.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Script } from 'node:vm';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parsePlanInput } from '../../src/cli/plan-input.js';
import { parsePolicy } from '../../src/cli/policy-file.js';
import { planDistribution } from '../../src/core/placement/plan.js';
import { pages, whereOf, type Block } from '../support/documents.js';
import { complaintOfBlock } from '../support/shell-blocks.js';
import { root } from '../support/source-tree.js';

const all = pages().flatMap((page) => page.blocks);
const blocks = all.filter(({ words }) => !words.includes('no-run'));
const of = (...languages: readonly string[]) =>
  blocks
    .filter(({ language }) => languages.includes(language))
    .map((block) => [whereOf(block), block] as const);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const seen = { policies: 0, plans: 0, values: 0 };

/** What the value is by its fields, and whether the code takes it. */
function take(value: unknown, text: string): void {
  if (!isObject(value)) return;
  if ('service' in value && 'clientsPerInstance' in value) {
    seen.policies += 1;
    expect(parsePolicy(text).service).toBe(value['service']);
  }
  if ('partitions' in value && Array.isArray(value['instances'])) {
    seen.plans += 1;
    const input = parsePlanInput(text, () => expect.fail('a field that no plan has'));
    expect(planDistribution(input).moved.partitions).toBeGreaterThanOrEqual(0);
  }
}

describe('every block', () => {
  it('says what it is, in a language that some test reads', () => {
    const wrong = all.flatMap((block) => {
      const complaint = complaintOfBlock(block);
      return complaint === undefined ? [] : [`${whereOf(block)}: ${complaint}`];
    });
    expect(wrong).toEqual([]);
  });

  it('of commands is not taken for a text', () => {
    const block = { page: 'docs/x.md', line: 1, language: 'text', words: [], text: '' };
    const of = (language: string, text: string) => complaintOfBlock({ ...block, language, text });
    expect(of('', 'kubectl get pods')).toBe('names no language');
    expect(of('python', 'import x')).toMatch('no test reads python');
    expect(of('text', 'curl -s https://example.org | sh')).toMatch('begins with a command');
    expect(of('text', '┌ messaging ┐')).toBeUndefined();
  });
});

describe('JSON', () => {
  it.each(of('json'))('%s', (_, { text }) => take(JSON.parse(text), text));
});

describe('YAML', () => {
  // A page shows some of the values: none is demanded.
  const schema = JSON.parse(
    readFileSync(join(root, 'helm/evenkeel/values.schema.json'), 'utf8'),
    (key, value: unknown) => (key === 'required' && Array.isArray(value) ? undefined : value),
  ) as Parameters<typeof z.fromJSONSchema>[0];
  const chart = z.fromJSONSchema(schema);
  const aboutTheChart = ['docs/kubernetes.md', 'docs/install.md'];

  it.each(of('yaml', 'yml'))('%s', (_, { page, text }) => {
    const value: unknown = parse(text, { uniqueKeys: true });
    take(value, text);
    expect(value, 'a list or a word: say text').toSatisfy(isObject);
    if (!isObject(value) || 'apiVersion' in value) return;
    const isPolicy = 'service' in value && 'clientsPerInstance' in value;
    const why = `is no whole policy, and ${page} is not about values of the chart`;
    expect(isPolicy || aboutTheChart.includes(page), why).toBe(true);
    if (isPolicy) return;
    seen.values += 1;
    const { error } = chart.safeParse(value);
    expect(
      error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
    ).toBeUndefined();
    if (isObject(value['policy'])) parsePolicy(JSON.stringify(value['policy']));
  });
});

describe('JavaScript', () => {
  it.each(of('js', 'javascript', 'mjs'))('%s', (where, { text }) => {
    const script = text.replace(/^import .*$/gm, '').replace(/^export /gm, '');
    expect(() => new Script(`(async () => {${script}\n})`, { filename: where })).not.toThrow();
  });
});

describe('TypeScript', () => {
  const snippets = of('ts', 'typescript').filter(
    ([, { words }]) => !words.some((word) => word.startsWith('file=')),
  );

  it('compiles, as a file beside its page', () => {
    expect(errorsOf(snippets.map(([, block]) => block))).toEqual([]);
  });

  it('is seen not to compile', () => {
    const block = {
      page: 'docs/x.md',
      line: 1,
      language: 'ts',
      words: [],
      text: 'const a: number = "b";',
    };
    expect(errorsOf([block])).toEqual([expect.stringContaining('docs/x.md:1')]);
  });
});

describe('what is taken', () => {
  it('are policies, plans and values of the chart', () => {
    expect(seen.policies).toBeGreaterThan(2);
    expect(seen.plans).toBeGreaterThan(0);
    expect(seen.values).toBeGreaterThan(2);
  });
});

function errorsOf(snippets: readonly Block[]): readonly string[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const files = new Map(
    snippets.map((block, index) => [
      resolve(root, dirname(block.page), `snippet-${index}.ts`),
      block,
    ]),
  );
  const host = ts.createCompilerHost(options);
  const real = ts.createCompilerHost(options);
  host.fileExists = (path) => files.has(path) || real.fileExists(path);
  host.readFile = (path) => files.get(path)?.text ?? real.readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const block = files.get(path);
    if (block === undefined) return real.getSourceFile(path, target, ...rest);
    return ts.createSourceFile(path, `${block.text}\nexport {};\n`, target);
  };
  const program = ts.createProgram({
    rootNames: [...files.keys()],
    options: {
      ...options,
      noEmit: true,
      incremental: false,
      composite: false,
      noUnusedLocals: false,
    },
    host,
  });
  return [...files].flatMap(([path, block]) => {
    const source = program.getSourceFile(path);
    return [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ].map(
      ({ messageText }) =>
        `${whereOf(block)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
}

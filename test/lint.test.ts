// That the linter holds the boundaries it is set up for. Rules that need types are left out: slow, and
// not about boundaries.
import { join } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { root } from './support/source-tree.js';

const eslint = new ESLint({
  cwd: root,
  overrideConfig: tseslint.configs.disableTypeChecked as ESLint.Options['overrideConfig'] & object,
});

async function rulesBroken(path: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(root, path) });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

describe('the linter', () => {
  it.each([
    'crypto.randomUUID();',
    "void fetch('/');",
    'void globalThis;',
    'void new Date();',
    'void new Date;',
    "void import('./murmur2.js');",
  ])('refuses %s in src/core', async (code) => {
    const rules = await rulesBroken('src/core/murmur2.ts', code);
    expect(rules.join()).toMatch(/^no-restricted-(globals|syntax)$/);
  });

  it('still refuses enums there, and allows a date of a given time', async () => {
    const rules = await rulesBroken('src/core/murmur2.ts', 'export enum A { B }');
    expect(rules).toEqual(['no-restricted-syntax']);
    expect(await rulesBroken('src/core/murmur2.ts', 'void new Date(5);')).toEqual([]);
  });

  it.each(['kafkajs', 'mongodb'])('refuses %s outside of src/adapters', async (library) => {
    const code = `export * from '${library}';`;
    const rule = '@typescript-eslint/no-restricted-imports';
    const others = ['src/errors.ts', 'src/core/murmur2.ts', 'src/instance/driver.ts'];
    for (const path of [...others, 'src/worker.ts', 'activities/types.ts', 'workflows/state.ts']) {
      expect(await rulesBroken(path, code), path).toEqual([rule]);
    }
    expect(await rulesBroken('src/adapters/kafka.ts', code)).toEqual([]);
  });
});

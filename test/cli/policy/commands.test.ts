// `evenkeel policy …` as people type it: it needs nothing but the file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.js';

const dir = mkdtempSync(join(tmpdir(), 'evenkeel-policy-'));
afterAll(() => rmSync(dir, { recursive: true }));

async function run(...argv: string[]) {
  const written = { out: '', err: '' };
  const code = await main(argv, {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    env: { COLUMNS: '80' },
  });
  return { code, ...written };
}

function file(name: string, more = ''): string {
  const path = join(dir, name);
  const text = `service: messaging
partitions: 360
instances: { min: 2, max: 6 }
clientsPerInstance: { upper: 1000, lower: 300, target: 700 }
${more}`;
  writeFileSync(path, text);
  return path;
}

describe('evenkeel policy', () => {
  it('lint has nothing to say about a sound policy', async () => {
    const { code, out } = await run('policy', 'lint', file('sound.yaml'), '--strict');
    expect({ code, out }).toEqual({
      code: 0,
      out: 'the policy of messaging is valid, and nothing looks wrong\n',
    });
  });

  it('lint warns, within 80 columns, and exits 1 only when it is strict', async () => {
    const path = file('odd.yaml', 'cooldownMs: 5000\nhysteresis: 0\n');
    const { code, out } = await run('policy', 'lint', path);
    expect(code).toBe(0);
    expect(out).toContain('  hysteresis  0 leaves no room below upper');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect((await run('policy', 'lint', path, '--strict')).code).toBe(1);
    const said = await run('policy', 'lint', path, '--json');
    const { ok, warnings } = JSON.parse(said.out) as { ok: boolean; warnings: { field: string }[] };
    expect(ok).toBe(false);
    expect(warnings.map(({ field }) => field)).toEqual(['hysteresis', 'cooldownMs']);
  });

  it('lint refuses what is wrong, with the nearest known field', async () => {
    const { code, err } = await run('policy', 'lint', file('wrong.yaml', 'colodownMs: 5000\n'));
    expect(code).toBe(2);
    expect(err.replace(/\s+/g, ' ')).toContain(
      'colodownMs is an unknown field, allowed is cooldownMs, which is the nearest of',
    );
  });

  it('schema and reference print what a policy may contain', async () => {
    const { out } = await run('policy', 'schema');
    const schema = JSON.parse(out) as { required: string[]; properties: { version: object } };
    expect(schema.required).toEqual(['service', 'partitions', 'instances', 'clientsPerInstance']);
    expect(schema.properties).toHaveProperty('floors');
    const table = await run('policy', 'reference');
    expect(table.out).toContain('| `stepMax` | 1 | instances added or removed by one decision |');
  });
});

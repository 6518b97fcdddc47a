import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../../src/simulate/explore/main.js';

let directory = '';
let out = '';
let err = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'evenkeel-explore-test-'));
  [out, err] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

describe('npm run explore', () => {
  it('explores the world that is asked for, and writes what it found as JSON', async () => {
    const json = join(directory, 'exploration.json');
    expect(await main(['--world', 'move', '--states-max', '2000', '--json', json])).toBe(0);
    expect(out).toMatch(/^move: 2 \d{3} states, .* not closed$/m);
    expect(out).toMatch(/0 violations/);
    const report = JSON.parse(readFileSync(json, 'utf8')) as Record<string, unknown>;
    expect(report).toMatchObject({
      ok: true,
      worlds: [{ name: 'move', closed: false, violation: null, judgedOtherwise: 0 }],
    });
  });

  it('teaches: help names the worlds and ends with 0', async () => {
    expect(await main(['--help'])).toBe(0);
    expect(out).toMatch(/Worlds:\n {2}move /);
  });

  it.each([
    [['--world', 'nowhere'], '"nowhere" is not a world; there are: move'],
    [['--states-max', '0'], 'It must be a whole number above 0'],
    [['--docs', '--world', 'move'], '--docs writes the whole table'],
    [['--quickly'], "unknown option '--quickly'"],
  ])('refuses %j, saying why', async (argv, why) => {
    expect(await main(argv)).toBe(2);
    expect(err).toContain(why);
    expect(out).toBe('');
  });

  it('says at once that a file cannot be written', async () => {
    expect(await main(['--json', join(directory, 'no', 'such')])).toBe(1);
    expect(err).toMatch(/cannot go on: ENOENT/);
  });
});

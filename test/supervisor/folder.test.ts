// The folder by which the parts of a local Evenkeel find one another.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createContext } from '../../src/cli/context.js';
import { runningStackEnv } from '../../src/cli/running-stack.js';
import { keysOf, runningSupervisor, writePrivately } from '../../src/supervisor/folder.js';
import { serveSupervisor } from '../../src/supervisor/serve.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'evenkeel-folder-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('keys of a service', () => {
  it('are made once, whoever asks first, and only this user reads them', async () => {
    const asked = await Promise.all([keysOf(folder, 'scores'), keysOf(folder, 'scores')]);
    expect(asked[0]).toEqual(asked[1]);
    expect(await keysOf(folder, 'scores')).toEqual(asked[0]);
    expect(readdirSync(folder)).toEqual(['scores.keys.json']);
    expect(statSync(join(folder, 'scores.keys.json')).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(asked[0].jwks)).not.toContain('"d"');
  });

  it('are those of one service', async () => {
    const [a, b] = [await keysOf(folder, 'a'), await keysOf(folder, 'b')];
    expect(a.directoryKey).not.toBe(b.directoryKey);
  });

  it('are refused by the name of their file when they are none, and not quoted', async () => {
    writeFileSync(join(folder, 'scores.keys.json'), '{"directoryKey":"half-a-secret"');
    const refused = keysOf(folder, 'scores');
    await expect(refused).rejects.toThrow(/scores\.keys\.json holds no keys: remove it/);
    await expect(refused).rejects.not.toThrow(/half-a-secret/);
  });
});

describe('the supervisor of a folder', () => {
  const file = () => join(folder, 'supervisor.json');

  it('is found by the commands that run there, until an option says another', async () => {
    const supervisor = await serveSupervisor({
      ...{ dataDir: folder, port: 0, token: undefined, services: [] },
      log: () => undefined,
    });
    try {
      const env = { EVENKEEL_DATA_DIR: folder };
      const found = createContext({ options: {}, env });
      expect(await found.require('EVENKEEL_SUPERVISOR_URL')).toBe(supervisor.url);
      const options = { supervisorUrl: 'http://127.0.0.1:1' };
      const told = createContext({ options, env });
      expect(await told.require('EVENKEEL_SUPERVISOR_URL')).toBe('http://127.0.0.1:1');
    } finally {
      await supervisor.close();
    }
  });

  it.each([
    ['has ended', () => ({ url: 'http://x', token: 't', pid: spawnSync('true').pid })],
    ['says nonsense', () => ({ url: 7 })],
  ])('is not found when it %s', async (_, said) => {
    writePrivately(file(), said());
    expect(existsSync(file())).toBe(true);
    expect(runningSupervisor(folder)).toBeUndefined();
    const env = await runningStackEnv({ EVENKEEL_DATA_DIR: folder });
    expect(env['EVENKEEL_SUPERVISOR_URL']).not.toBe('http://x');
  });
});

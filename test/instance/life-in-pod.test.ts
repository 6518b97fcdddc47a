import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { processOf } from '../../src/instance/incarnation.js';
import { lifeInPod } from '../../src/instance/life-in-pod.js';

it('a process in a pod names itself in its termination message, and knows the lives before it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'life-'));
  const uid = '6f1c6a5e-0a4d-4f6e-9a51-0d9a6a2f1b11';
  const life = (file: string) => lifeInPod({ uid, terminationLog: join(directory, file) });
  try {
    const [first, second] = [life('0'), life('1')];
    expect(readFileSync(join(directory, '0'), 'utf8')).toBe(`${processOf(first.incarnation)}\n`);
    expect(processOf(first.incarnation)).not.toBe(processOf(second.incarnation));
    expect(second.hasEnded(first.incarnation)).toBe(true);
    expect(second.hasEnded(second.incarnation)).toBe(false);
    expect(second.hasEnded('another-pod-12345678.abc')).toBe(false);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

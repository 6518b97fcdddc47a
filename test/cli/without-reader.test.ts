// Standard output that takes no more: whoever reads has gone, or the disk is full.

import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { endWithoutReader } from '../../src/cli/output.js';

/** What is said, and with which code it ends, when standard output fails like that. */
async function after(code: string, message: string) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const codes: number[] = [];
  const streams = { stdout, stderr } as unknown as Pick<NodeJS.Process, 'stdout' | 'stderr'>;
  endWithoutReader(streams, (exit) => void codes.push(exit));
  stdout.destroy(Object.assign(new Error(message), { code }));
  await new Promise((resolve) => setImmediate(resolve));
  return { codes, said: String(stderr.read() ?? '') };
}

describe('standard output that takes no more', () => {
  it('ends the process without a word when its reader has gone', async () => {
    expect(await after('EPIPE', 'write EPIPE')).toEqual({ codes: [1], said: '' });
  });

  it('is one sentence when the disk is full', async () => {
    expect(await after('ENOSPC', 'no space left on device')).toEqual({
      codes: [1],
      said: 'evenkeel: standard output cannot be written (no space left on device)\n',
    });
  });

  it('on standard error stops nothing', () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const streams = { stdout, stderr } as unknown as Pick<NodeJS.Process, 'stdout' | 'stderr'>;
    endWithoutReader(streams, () => expect.unreachable());
    expect(() => stderr.emit('error', new Error('write EPIPE'))).not.toThrow();
  });
});

// Following a guide: one shell, as a reader has it, and nothing that the guide does not say.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { guideSteps } from '../../../stack/guide/document.js';
import { follow } from '../../../stack/guide/follow.js';
import { eventually } from '../../support/eventually.js';
import { exists, scratchDir } from '../scratch.js';

const fence = (info: string, ...lines: string[]) => ['```' + info, ...lines, '```', ''].join('\n');
const options = (folder: string) => ({ folder, env: { FROM_STACK: 'yes' }, withinMs: 60_000 });

describe('a guide that is followed', () => {
  it('has its files, variables, folders and background jobs, and leaves no process behind', async () => {
    const folder = join(scratchDir(), 'reader');
    const guide = [
      fence('js file=src/hold.mjs', "import { writeFileSync } from 'node:fs';"),
      fence('js file=src/hold.mjs', "console.log('from', process.env.FROM_STACK);"),
      fence('sh', 'cd src', 'WHAT=kept', 'sleep 300 &', 'echo $! > pid'),
      fence('sh', 'node hold.mjs', 'echo "it is $WHAT in $(basename "$PWD")"'),
    ].join('\n');
    const done: number[] = [];
    const { output, endedMs } = await follow(guideSteps(guide), {
      ...options(folder),
      onStep: ({ line }) => done.push(line),
    });
    expect(output).toContain('from yes');
    expect(output).toContain('it is kept in src');
    expect(done).toEqual([1, 5, 9, 16]);
    expect(endedMs).toHaveLength(4);
    const pid = Number(readFileSync(join(folder, 'src/pid'), 'utf8'));
    await eventually('the background job is gone', () => !exists(pid));
  });

  it('fails at the first command that fails, by its line, with what was said', async () => {
    const folder = join(scratchDir(), 'reader');
    const guide = `## Then\n\n${fence('sh', 'echo fine')}\n${fence('sh', 'echo so >&2', 'false', 'touch after')}`;
    const following = follow(guideSteps(guide), options(folder));
    await expect(following).rejects.toThrow(/^line 7 \(Then\) failed:\n[\s\S]*so/);
    expect(existsSync(join(folder, 'after'))).toBe(false);
  });

  it('does not wait for ever', async () => {
    const folder = join(scratchDir(), 'reader');
    const following = follow(guideSteps(fence('sh', 'sleep 300')), {
      ...options(folder),
      withinMs: 500,
    });
    await expect(following).rejects.toThrow('line 1 () was not done in time');
  });
});

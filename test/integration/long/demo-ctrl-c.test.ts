// Whatever ends the demo in the middle of a grow, it leaves no process and no port.
import { afterEach, describe, expect, it } from 'vitest';
import { startDemo, type StartedProgram } from '../../support/demo-process.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingLeft } from '../../support/nothing-left.js';

const startWithinMs = 300_000;

describe.skipIf(process.platform !== 'linux')('the demo, ended in the middle of a grow', () => {
  let demo: StartedProgram | undefined;
  afterEach(() => demo?.kill('SIGKILL'));

  /** Starts it on a stack of its own and waits until the third instance is on its way. */
  const untilItGrows = async (): Promise<StartedProgram> => {
    const started = startDemo(['--clients', '60'], { ownStack: true });
    demo = started;
    await eventually(
      'the grow has been planned',
      () => {
        if (/cannot go on/.test(started.output())) throw new Error(started.output());
        return /· plan: grow 2 → 3/.test(started.output());
      },
      startWithinMs,
    );
    return started;
  };

  it('by Ctrl-C says so, exits with 130 and leaves nothing', async () => {
    const running = await untilItGrows();
    const processes = running.descendants();
    running.kill('SIGINT');
    expect(await running.ended).toBe(130);
    expect(running.output()).toMatch(/Interrupted: ending everything/);
    await expectNothingLeft(processes, running.output());
  });

  it('by kill -9 leaves nothing either', async () => {
    const running = await untilItGrows();
    const processes = running.descendants();
    running.kill('SIGKILL');
    expect(await running.ended).toBe('SIGKILL');
    await expectNothingLeft(processes, running.output());
  });
});

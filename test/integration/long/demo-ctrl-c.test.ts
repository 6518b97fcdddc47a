// Whatever ends the demo in the middle of a grow, it leaves no process and no port.
import { afterEach, describe, expect, it } from 'vitest';
import { isPortFree } from '../../../stack/ports.js';
import { living, startDemo, type StartedProgram } from '../../support/demo-process.js';
import { eventually } from '../../support/eventually.js';

const startWithinMs = 120_000;
const goneWithinMs = 30_000;
/** Temporal, Kafka, MongoDB, supervisor, worker, two directories, five instances. */
const processesMin = 12;

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

  const portsOf = (output: string): number[] => {
    const ports = [...output.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
    return [...new Set(ports)];
  };

  const expectNothingLeft = async (
    processes: readonly { pid: number }[],
    ports: readonly number[],
  ): Promise<void> => {
    expect(processes.length).toBeGreaterThanOrEqual(processesMin);
    expect(ports.length).toBeGreaterThanOrEqual(4);
    await eventually('every process is gone', () => living(processes).length === 0, goneWithinMs);
    for (const port of ports) {
      await eventually(`port ${port} is free`, () => isPortFree(port), goneWithinMs);
    }
  };

  it('by Ctrl-C says so, exits with 130 and leaves nothing', async () => {
    const running = await untilItGrows();
    const processes = running.descendants();
    running.kill('SIGINT');
    expect(await running.ended).toBe(130);
    expect(running.output()).toMatch(/Interrupted: ending everything/);
    await expectNothingLeft(processes, portsOf(running.output()));
  });

  it('by kill -9 leaves nothing either', async () => {
    const running = await untilItGrows();
    const processes = running.descendants();
    running.kill('SIGKILL');
    expect(await running.ended).toBe('SIGKILL');
    await expectNothingLeft(processes, portsOf(running.output()));
  });
});

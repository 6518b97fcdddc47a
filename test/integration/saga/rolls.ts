// What the tests of rolls share: starting one, and what is looked at afterwards.
import type { WorkflowFailedError } from '@temporalio/client';
import type { RollInput, RollWorkflow } from '../../../workflows/roll-messages.js';
import type { World } from './saga-world.js';

export const start = (w: World, more: Partial<RollInput> = {}) =>
  w.client.workflow.start<RollWorkflow>('roll', {
    workflowId: `roll/${w.service}`,
    taskQueue: w.taskQueue,
    args: [
      { service: w.service, image: 'two', watchMs: 100, by: 'ada', reason: 'a test', ...more },
    ],
  });

export const templates = async (w: World) =>
  (await w.platform.observe(w.service)).instances.map(({ template }) => template);
export const [one, two] = ['template-1', 'template-of-two'];
/** Clients told to move, by all instances that ever were, from each revision's moved partitions. */
export const heldAtStops = (w: World) => [...w.simulated.heldAtStop.values()];
export const failureOf = async (result: Promise<unknown>) =>
  result.then(
    () => undefined,
    (error: WorkflowFailedError) => error.cause as { type?: string; message?: string },
  );
export const whole = { 0: '[0-119]', 1: '[120-239]', 2: '[240-359]' };

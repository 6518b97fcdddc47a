// Owns: pause and resume of a service's Schedule, with the person and the reason as its note. A
// rebalance that runs goes on; one that is asked for by hand still runs.

import { ScheduleNotFoundError, type Client } from '@temporalio/client';
import { Command } from 'commander';
import { BadInputError } from '../errors.js';
import { scheduleIdOf } from '../schedule.js';
import { runCommand, type CommandResult } from './command.js';
import { withSettings } from './context.js';
import { aName, saidOption, userAbsent } from './given.js';
import { serviceOf, withService, type ServiceOptions } from './service-argument.js';
import { scheduleOf } from './temporal.js';
import { thisUser } from './this-user.js';

interface SwitchOptions extends ServiceOptions {
  readonly by?: string;
  readonly reason?: string;
}

export interface Switch {
  readonly paused: boolean;
  readonly by: string;
  readonly reason: string | undefined;
}

/** `paused`: what the command makes of the Schedule. */
export function scheduleSwitch(name: 'pause' | 'resume', description: string): Command {
  const paused = name === 'pause';
  const command = withService(new Command(name).description(description))
    .option('--by <person>', `who says so; ${userAbsent}`, saidOption('--by', aName))
    .option('--reason <text>', 'why; the note of the Schedule');
  withSettings(command, ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE']);
  return command.action(
    runCommand<SwitchOptions>(async ({ options, args, context }) => {
      const service = serviceOf(name, args, options);
      const { by = thisUser(), reason } = options;
      return switchSchedule(await context.temporal(), service, { paused, by, reason });
    }),
  );
}

/** Pauses or resumes; nothing is changed where it is so already. @throws BadInputError without a Schedule */
export async function switchSchedule(
  client: Client,
  service: string,
  { paused, by, reason }: Switch,
): Promise<CommandResult> {
  const before = await scheduleOf(client, service);
  if (before === null) throw noSchedule(service);
  const schedule = scheduleIdOf(service);
  const note = `${paused ? 'paused' : 'resumed'} by ${by}${reason === undefined ? '' : `: ${reason}`}`;
  const changed = before.paused !== paused;
  if (changed) await switchTo(client.schedule.getHandle(schedule), paused, note, service);
  return {
    json: { service, schedule, paused, changed, note: changed ? note : before.note },
    text: changed
      ? `${schedule} is ${note}`
      : `${schedule} was ${paused ? 'paused' : 'running'} already${before.note === null ? '' : ` (${before.note})`}`,
  };
}

async function switchTo(
  handle: { pause(note: string): Promise<void>; unpause(note: string): Promise<void> },
  paused: boolean,
  note: string,
  service: string,
): Promise<void> {
  try {
    await (paused ? handle.pause(note) : handle.unpause(note));
  } catch (error) {
    throw error instanceof ScheduleNotFoundError ? noSchedule(service) : error;
  }
}

function noSchedule(service: string): BadInputError {
  return new BadInputError(`there is no Schedule for ${service}`, {
    field: 'service',
    found: service,
    allowed: 'a service with a policy: evenkeel apply FILE',
  });
}

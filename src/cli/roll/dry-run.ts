// `evenkeel roll SERVICE --dry-run`: the steps that a roll would take from what is now, by the very function
// that it takes them by. Reads ConfigDB, the ownership log, reports and the platform; writes nothing.

import { rollInstances } from '../../../activities/roll.js';
import { instanceName } from '../../core/records.js';
import { stepsAhead, type RollStep } from '../../core/roll/next-step.js';
import { openOwnershipView } from '../../logs/ownership-view.js';
import type { RollInput } from '../../../workflows/roll-messages.js';
import { BadInputError } from '../../errors.js';
import type { CommandResult } from '../command.js';
import type { CliContext } from '../context.js';

export async function dryRoll(context: CliContext, input: RollInput): Promise<CommandResult> {
  const { service, image, template } = input;
  const [configDb, bus, platform] = [
    await context.configDb(),
    await context.bus(),
    await context.platform(),
  ];
  const [latest, view, reports] = await Promise.all([
    configDb.latestDistribution(service),
    platform.observe(service),
    configDb.reports(service),
  ]);
  if (latest === null) {
    throw new BadInputError(`${service} has no distribution yet: nobody owns anything`, {
      field: 'service',
      found: service,
      allowed: 'a service that owns its partitions',
    });
  }
  const ownership = await openOwnershipView({ bus, service, partitions: latest.partitions });
  try {
    await ownership.caughtUp();
    const held = new Set(ownership.ranges().map(([, , holder]) => holder));
    // Of another image nobody can say now which instances run it: as if none did.
    const target = image === undefined ? (template ?? view.template ?? null) : null;
    const holds = (instance: string) => held.has(instance);
    const instances = rollInstances({ service, view, latest, reports, target, holds });
    const home = instances.filter(({ owns }) => owns).length;
    const clients = instances.reduce((sum, one) => sum + one.clients, 0);
    const steps = stepsAhead({ home, instances });
    const moved = steps.reduce((sum, step) => sum + step.clients, 0);
    const json = { service, dryRun: true, instances: home, clients, steps, movedClients: moved };
    const each = clients === 0 ? '' : `, ${(moved / clients).toFixed(2)} of ${clients}`;
    const lines = steps.map((step, at) => `  ${at + 1}. ${stepText(service, step)}`);
    const text = [`${service}: ${steps.length} steps, ${moved} clients moved${each}`, ...lines];
    return { json, text: text.join('\n') };
  } finally {
    await ownership.close();
  }
}

/** One line: who hands over to whom. */
export function stepText(
  service: string,
  { kind, instance, to, replicas, clients }: RollStep,
): string {
  const name = (ordinal = 0) => instanceName(service, ordinal);
  switch (kind) {
    case 'surge':
      return `start ${name(replicas - 1)} on the new version`;
    case 'swap':
      return `${name(instance)} hands over to ${name(to)} (${clients} clients), and is started again`;
    case 'restart':
      return `start ${name(instance)} again, which is empty`;
    case 'home':
      return `${name(instance)} hands over to ${name(to)} (${clients} clients); ${replicas} instances stay`;
    case 'remove':
      return `remove what is above ${replicas} instances, which is empty`;
  }
}

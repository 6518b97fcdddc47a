// Owns: what doctor asks of the platform: are all members there and Ready, and does it run anybody
// that owns nothing and is not needed.

import { instanceName, ordinalOf } from '../../core/records.js';
import { withSpares } from '../../core/saga/spares.js';
import type { Policy } from '../../core/scaling/policy.js';
import type { PlatformView } from '../../ports.js';
import type { ConfigDbSeen } from './config-db.js';
import { fault, ok, warning, type Finding } from './finding.js';

/** `holders`: names of the instances that hold something by the log; null when it was not read. */
export function checkPlatform(
  view: PlatformView,
  seen: ConfigDbSeen | null,
  holders: ReadonlySet<string> | null,
): readonly Finding[] {
  return [
    ...(seen?.latest == null ? [] : [memberFinding(view, seen)]),
    ...(holders === null ? [] : [orphanFinding(view, seen, holders)]),
  ];
}

function memberFinding({ instances, service }: PlatformView, { latest }: ConfigDbSeen): Finding {
  const ordinals = [...new Set(latest?.ranges.map(([, , ordinal]) => ordinal))];
  const members = ordinals.map((ordinal) => instanceName(service, ordinal));
  const ready = new Set(instances.filter(({ phase }) => phase === 'ready').map(({ name }) => name));
  const missing = members.filter((name) => !ready.has(name));
  if (missing.length === 0) return ok('instances', `all ${members.length} members are Ready`);
  return fault(
    'instances',
    `own partitions by revision ${latest?.revision}, but are not Ready: ${missing.join(', ')}`,
    'the platform restarts them; if it does not: look at their logs, or ask for fewer instances',
  );
}

/** An instance that owns nothing may be a warm spare, if the policy's minimum wants it. */
function orphanFinding(
  { instances, service, replicas }: PlatformView,
  seen: ConfigDbSeen | null,
  holders: ReadonlySet<string>,
): Finding {
  const planned = new Set(
    seen?.latest?.ranges.map(([, , ordinal]) => instanceName(service, ordinal)) ?? [],
  );
  const policy = seen?.policy as Policy | null | undefined;
  const min = policy?.instances.min ?? 0;
  const top = Math.max(0, ...[...planned].map((name) => (ordinalOf(name) ?? 0) + 1));
  const max = policy?.instances.max ?? top;
  const wanted = withSpares(top, { spares: policy?.warmSpares ?? 0, max });
  const idle = instances
    .filter(
      ({ name, phase }) => phase !== 'terminating' && !holders.has(name) && !planned.has(name),
    )
    .filter(({ name }) => (ordinalOf(name) ?? 0) >= Math.max(min, wanted))
    .map(({ name }) => name);
  if (idle.length === 0) return ok('orphans', 'everybody that runs is needed');
  return warning(
    'orphans',
    `${replicas} instances run, and these own nothing: ${idle.join(', ')}`,
    idleAdvice(service, idle, instances),
  );
}

/** The platform removes the highest ordinals: idle ones below an owner can only stay, or be used again. */
function idleAdvice(
  service: string,
  idle: readonly string[],
  instances: PlatformView['instances'],
): string {
  const owners = instances.filter(({ name }) => !idle.includes(name)).map(({ name }) => name);
  const highest = Math.max(-1, ...owners.map((name) => ordinalOf(name) ?? 0));
  const used = `evenkeel rebalance ${service} gives them partitions`;
  if (owners.length === 0 || idle.some((name) => (ordinalOf(name) ?? 0) < highest)) {
    return `leave it if they were drained on purpose; ${used}`;
  }
  return `evenkeel rebalance ${service} --to ${owners.length} removes them; ${used}`;
}

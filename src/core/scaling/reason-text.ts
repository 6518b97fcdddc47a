// Owns: the one sentence that people read for each reason of a decision. Never decides.

import { problemText } from '../telemetry/problems.js';
import type { Reason, ReasonKind, ReasonOf } from './reasons.js';

/** One sentence, without a full stop. */
export function reasonText(reason: Reason): string {
  const sentence = sentences[reason.kind] as (reason: Reason) => string;
  return sentence(reason);
}

const sentences: { readonly [K in ReasonKind]: (reason: ReasonOf<K>) => string } = {
  bootstrap: ({ ready, min }) =>
    `no distribution yet and ${ready} instances are ready (at least ${min} wanted)`,
  'waiting-for-instances': ({ ready, min }) =>
    `no distribution yet, but only ${ready} of ${min} instances are ready`,
  'told-below-min': ({ replicas, min }) =>
    `no distribution yet, and the platform runs ${counted(replicas)}: the policy's minimum is ${min}`,
  'told-by-others': ({ replicas, min }) =>
    `somebody else has the platform run ${counted(replicas)}, fewer than the policy's minimum ${min}: it is not changed back`,
  'rebalance-running': () => 'a rebalance is running',
  'roll-running': () =>
    'a rolling upgrade is under way: instances are added and removed by it alone',
  'unfinished-rebalance': ({ rebalance }) =>
    `${rebalance} ended without an outcome: what it left is to be sorted out`,

  'below-min': ({ instances, min }) => `${are(instances)} fewer than the policy's minimum ${min}`,
  'below-floor': ({ instances, floor, name }) =>
    `${are(instances)} fewer than the ${floor} that are scheduled (${name})`,
  'above-max': ({ instances, max }) => `${are(instances)} more than the policy's maximum ${max}`,
  'above-upper': ({ perInstance, upper, clients, instances }) =>
    `${one(perInstance)} users per instance are above ${upper} (${clients} on ${instances})`,
  'below-lower': ({ perInstance, lower, clients, instances }) =>
    `${one(perInstance)} users per instance are below ${lower} (${clients} on ${instances})`,
  'within-thresholds': ({ perInstance, lower, upper, clients, instances }) =>
    `${one(perInstance)} users per instance are within ${lower}..${upper} (${clients} on ${instances})`,
  'towards-target': ({ perInstance, instances, target, wanted }) =>
    `the last change was cut before ${target} users per instance were reached (${one(perInstance)} on ${instances}): on towards ${wanted}`,
  'would-flap': ({ instances, perInstance, bound }) =>
    `${instances} instances would have ${one(perInstance)} users each, above ${one(bound)}: one would soon be added again`,
  urgent: ({ perInstance, bound }) =>
    `${one(perInstance)} users per instance are more than ${one(bound)}, so far above the upper threshold that nothing is waited for`,
  'signal-above-upper': ({ signal, perInstance, upper, instances }) =>
    `${signal} per instance is ${one(perInstance)}, above ${upper} (${counted(instances)})`,
  'signal-keeps': ({ signal, perInstance, instances, wanted }) =>
    `${signal} per instance is ${one(perInstance)} on ${instances}: it needs ${counted(wanted)}`,
  'forecast-ahead': (foreseen) =>
    `${expected(foreseen)}: ${are(foreseen.wanted)} wanted, not ${foreseen.without}`,
  'forecast-shadow': (foreseen) => `${expected(foreseen)}; if forecasts acted, ${needs(foreseen)}`,
  'forecast-not-trusted': (foreseen) =>
    `${expected(foreseen)} and would need ${foreseen.wanted}, but that forecast does not act: ${foreseen.why}`,
  'forecast-missing': ({ why }) => `no forecast: ${why}`,
  'forecast-unusable': ({ model }) =>
    `the forecast of ${model} is no number of users: it is left out`,
  'spares-missing': ({ running, wanted, spares }) =>
    `the platform runs ${counted(running)}: ${wanted} are wanted with ${spares} to spare`,
  'hot-instance': ({ instance, clients, upper, mean }) =>
    `${instance} has ${clients} users, above ${upper}, while the mean is ${one(mean)}: users are evened out, not instances added`,
  'hot-by-partitions': ({ instance, clients, upper }) =>
    `${instance} has ${clients} users, above ${upper}, but the policy evens out partitions, not clients (balanceBy)`,

  'sample-missing': ({ instance }) => `no sample of ${instance}: counted as the mean of the others`,
  'sample-stale': ({ instance, ageMs, maxAgeMs }) =>
    `the sample of ${instance} is ${seconds(ageMs)} old (at most ${seconds(maxAgeMs)}): counted as the mean of the others`,
  'sample-invalid': ({ instance }) =>
    `the sample of ${instance} is no number of users: counted as the mean of the others`,
  'sample-twice': ({ instance, lower, higher }) =>
    `two samples of ${instance} say ${lower} and ${higher} users: the higher counts`,
  'signal-missing': ({ signal }) =>
    `no fresh reading of ${signal} from every instance: nothing is removed without it`,
  'metrics-problem': ({ problem }) => problemText(problem),
  'zero-while-sessions': ({ sessions }) =>
    `the metrics say that nobody is connected while ${sessions} sessions exist: held as it is`,
  'metrics-contradict': ({ clients, sessions, share }) =>
    `${clients} users are counted here and ${sessions} there, more than ${percent(share)} apart: the higher counts`,
  'no-shrink-on-missing-samples': ({ missing, instances }) =>
    `never shrinks on missing data: ${missing} of ${instances} samples are missing or stale`,
  'no-shrink-on-doubt': () => 'never shrinks while what was measured is in doubt',
  'no-samples': () => 'no instance has a fresh sample',

  'stabilised-up': ({ wanted, kept, windowMs }) =>
    `${are(wanted)} wanted, but not yet for ${seconds(windowMs)}: only ${kept} were all that time`,
  'stabilised-down': ({ wanted, kept, windowMs }) =>
    `${counted(wanted)} would do, but ${kept} were needed within the last ${seconds(windowMs)}`,
  'hot-not-long': ({ instance, clients, upper, sinceMs, windowMs }) =>
    `${instance} has ${clients} users, above ${upper}, for ${seconds(sinceMs)} (evened out after ${seconds(windowMs)})`,
  'limited-by-step': ({ wanted, stepMax }) =>
    `${wantedWere(wanted)}, but one decision changes at most ${stepMax}`,
  'limited-by-rate': ({ wanted, allowed, used, periodMs }) =>
    `${wantedWere(wanted)}, but ${allowed} may change in ${seconds(periodMs)}, and ${used} have`,
  'limited-by-max': ({ wanted, max }) => `${wantedWere(wanted)}, but the policy allows ${max}`,
  'limited-by-min': ({ wanted, min }) => `${wantedWere(wanted)}, but the policy keeps ${min}`,
  'limited-by-floor': ({ wanted, floor, name }) =>
    `${wantedWere(wanted)}, but ${floor} are scheduled (${name})`,
  'limited-by-budget': ({ wanted, moves, spent, budget }) =>
    `${wanted} instances would move ${moves} users, and ${spent} of the ${budget} that may be moved in an hour have been`,
  frozen: ({ name, leftMs }) => `frozen by the policy (${name}) for another ${seconds(leftMs)}`,
  cooldown: ({ sinceMs, cooldownMs }) =>
    `the last change was ${seconds(sinceMs)} ago (cooldown ${seconds(cooldownMs)})`,
  'cooldown-after-undo': ({ sinceMs, cooldownMs }) =>
    `the last change was undone ${seconds(sinceMs)} ago (cooldown ${seconds(cooldownMs)})`,
  'cooldown-after-rejection': ({ sinceMs, cooldownMs }) =>
    `the last plan was rejected ${seconds(sinceMs)} ago: nobody is asked again for ${seconds(cooldownMs)}`,
  'balanced-lately': ({ sinceMs, cooldownMs }) =>
    `users were evened out ${seconds(sinceMs)} ago (at most every ${seconds(cooldownMs)})`,
  'dry-run': () => 'the policy is a dry run: decided and recorded, not done',
};

/** The closed list. */
export const reasonKinds = Object.keys(sentences) as readonly ReasonKind[];

type Foreseen = Omit<ReasonOf<'forecast-ahead'>, 'kind'>;

function expected({ clients, horizonMs, model }: Foreseen): string {
  return `${Math.round(clients)} users are expected in ${seconds(horizonMs)} (${model})`;
}

function needs({ wanted, without }: Foreseen): string {
  return `${counted(wanted)} would be wanted, not ${without}`;
}

function counted(instances: number): string {
  return instances === 1 ? '1 instance' : `${instances} instances`;
}

function wantedWere(instances: number): string {
  return `${counted(instances)} ${instances === 1 ? 'was' : 'were'} wanted`;
}

function are(instances: number): string {
  return `${counted(instances)} ${instances === 1 ? 'is' : 'are'}`;
}

function one(value: number): string {
  return (Math.round(value * 10) / 10).toString();
}

function percent(share: number): string {
  return `${one(share * 100)} %`;
}

/** `45 s`, `12.5 min`, `3.2 h`: whichever is read at a glance. */
function seconds(ms: number): string {
  if (ms <= 600_000) return `${one(ms / 1_000)} s`;
  return ms <= 2 * 3_600_000 ? `${one(ms / 60_000)} min` : `${one(ms / 3_600_000)} h`;
}

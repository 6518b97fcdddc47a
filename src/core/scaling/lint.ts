// Owns: what is allowed in a policy and still hardly meant: numbers that flap, never have an effect, or
// do not fit what was measured. Never refuses one (policy-faults.ts).

import { intervalsAround, nameOf } from './calendar.js';
import { policyDefaults, type Policy, type Thresholds } from './policy.js';
import { signals } from './signals.js';
import { windowsOf } from './stabilise.js';

export interface Warning {
  readonly field: string;
  /** One sentence without a full stop: what is, and what comes of it. */
  readonly text: string;
}

/** Of the rebalances that are recorded. */
export interface Measured {
  /** The longest of the last changes, from the request to the end of the hand-over. */
  readonly changeMs?: number;
}

/** Noise of one evaluation that a threshold has to bear, as a share of the load. */
const noiseShare = 0.1;
/** Whoever is below `lower` after a shrink would be shrunk again. */
const lowerShareMax = 0.75;
/** Instances report every 5 s: one report may be lost. */
const sampleAgeMinMs = 10_000;
/** What Prometheus is mostly told to do. */
const scrapeUsualMs = 15_000;

export function lint(policy: Policy, measured: Measured = {}): readonly Warning[] {
  return [
    ...ofThresholds('clientsPerInstance', policy.clientsPerInstance, policy),
    ...ofSignals(policy),
    ...ofWindows(policy),
    ...ofPace(policy, measured),
    ...ofCalendar(policy),
    ...ofSources(policy),
  ];
}

const when = (is: boolean, field: string, text: string): readonly Warning[] =>
  is ? [{ field, text }] : [];

function ofThresholds(
  field: string,
  { upper, target, lower }: Omit<Thresholds, 'lower'> & { readonly lower?: number | undefined },
  { hysteresis }: Policy,
): readonly Warning[] {
  const most = Math.floor(upper * (1 - Math.max(hysteresis, noiseShare)));
  const least = Math.floor(target * lowerShareMax);
  return [
    ...when(
      target > most,
      `${field}.target`,
      `${target} is so near upper (${upper}) that noise adds instances again and again: at most ${most}`,
    ),
    ...when(
      lower !== undefined && lower > least,
      `${field}.lower`,
      `${lower ?? 0} is so near target (${target}) that one removal asks for the next: at most ${least}`,
    ),
  ];
}

function ofSignals(policy: Policy): readonly Warning[] {
  return signals.flatMap((signal) => {
    const thresholds = policy.signals[signal];
    return thresholds === undefined ? [] : ofThresholds(`signals.${signal}`, thresholds, policy);
  });
}

function ofWindows(policy: Policy): readonly Warning[] {
  const { stabilisation, scheduleEveryMs, sampleMaxAgeMs, hysteresis } = policy;
  const { upMs, downMs } = windowsOf(policy);
  const vain = (ms: number) =>
    `${ms} is shorter than scheduleEveryMs (${scheduleEveryMs}): one evaluation decides, and noise is not told from load`;
  return [
    ...when((stabilisation.upMs ?? Infinity) < scheduleEveryMs, 'stabilisation.upMs', vain(upMs)),
    ...when(
      (stabilisation.downMs ?? Infinity) < scheduleEveryMs,
      'stabilisation.downMs',
      vain(downMs),
    ),
    ...when(
      downMs < upMs,
      'stabilisation.downMs',
      `${downMs} is shorter than stabilisation.upMs (${upMs}): instances are removed sooner than added`,
    ),
    ...when(
      hysteresis < noiseShare / 2,
      'hysteresis',
      `${hysteresis} leaves no room below upper after a removal: noise adds the instance again`,
    ),
    ...when(
      sampleMaxAgeMs < sampleAgeMinMs,
      'sampleMaxAgeMs',
      `${sampleMaxAgeMs} is less than two reports of an instance: one that is late stops every removal`,
    ),
  ];
}

function ofPace(policy: Policy, { changeMs }: Measured): readonly Warning[] {
  const { cooldownMs, clientsPerInstance, pace, disruption, steps, stepMax, warmSpares } = policy;
  const { min, max } = policy.instances;
  const { target } = clientsPerInstance;
  const welcomeMs = Math.round((target / pace.acceptPerSecond) * 1_000);
  const budget = disruption.clientsPerHour;
  return [
    ...when(
      changeMs !== undefined && cooldownMs < changeMs,
      'cooldownMs',
      `${cooldownMs} is shorter than the longest of the last changes (${changeMs ?? 0}): what one did is not seen before the next`,
    ),
    ...when(
      changeMs === undefined && cooldownMs < welcomeMs,
      'cooldownMs',
      `${cooldownMs} is shorter than a new instance needs to welcome its ${target} clients at pace.acceptPerSecond (${welcomeMs})`,
    ),
    ...when(
      budget !== null && budget < target,
      'disruption.clientsPerHour',
      `${budget ?? 0} is less than one instance has (target ${target}): only urgent growth is ever possible`,
    ),
    ...when(
      warmSpares > max - min,
      'warmSpares',
      `${warmSpares} never run: between instances.min (${min}) and instances.max (${max}) there is room for ${max - min}`,
    ),
    ...when(
      steps.up !== null && steps.down !== null && stepMax !== policyDefaults.stepMax,
      'stepMax',
      `${stepMax} has no effect, because both steps.up and steps.down are given`,
    ),
  ];
}

function ofCalendar(policy: Policy): readonly Warning[] {
  const { floors, freezes, instances, stepMax, steps, cooldownMs, cooldownUpMs } = policy;
  const perStep = Math.max(1, steps.up === null ? stepMax : steps.up.count);
  const everyMs = Math.max(cooldownUpMs ?? cooldownMs, steps.up?.periodMs ?? 0);
  return [
    ...floors.flatMap((floor, at) => {
      const neededMs = (Math.ceil((floor.instances - instances.min) / perStep) - 1) * everyMs;
      return [
        ...when(
          floor.instances <= instances.min,
          `floors.${at}.instances`,
          `${floor.instances} has no effect: instances.min is ${instances.min}`,
        ),
        ...when(
          neededMs > floor.aheadMs,
          `floors.${at}.aheadMs`,
          `${floor.aheadMs} is too short to get from ${instances.min} to ${floor.instances} instances by steps of ${perStep} (${neededMs})`,
        ),
      ];
    }),
    ...freezes.flatMap((freeze, at) => {
      const other = freezes.slice(0, at).find((earlier) => {
        const around = intervalsAround(freeze, 0)[0]?.[0] ?? 0;
        const mine = intervalsAround(freeze, around);
        return intervalsAround(earlier, around).some(([from, to]) =>
          mine.some(([begin, end]) => begin < to && from < end),
        );
      });
      if (other === undefined) return [];
      const text = `it overlaps ${nameOf(other)}: while both hold, the stricter counts`;
      return [{ field: `freezes.${at}`, text }];
    }),
  ];
}

function ofSources(policy: Policy): readonly Warning[] {
  const { metrics, forecast, signals: given, sampleMaxAgeMs } = policy;
  const { source, queries } = metrics;
  const dayMs = 86_400_000;
  return [
    ...Object.keys(queries).flatMap((name) => {
      const unused =
        source === 'reports' || !(name === 'clients' || name === 'age' || name in given);
      const why =
        source === 'reports' ? 'metrics.source is reports' : `there is no signals.${name}`;
      return when(unused, `metrics.queries.${name}`, `it is not asked, because ${why}`);
    }),
    ...when(
      source !== 'reports' && queries.clients !== undefined && queries.age === undefined,
      'metrics.queries.age',
      'it is not given: values of metrics.queries.clients that are minutes old count as new',
    ),
    ...when(
      source !== 'reports' && sampleMaxAgeMs < 2 * scrapeUsualMs,
      'sampleMaxAgeMs',
      `${sampleMaxAgeMs} is less than two scrapes of ${scrapeUsualMs}: whatever Prometheus says may look too old`,
    ),
    ...when(
      forecast.mode === 'acting' && forecast.minHistoryMs < 2 * dayMs,
      'forecast.minHistoryMs',
      `${forecast.minHistoryMs} is less than two days: no season can be told from a trend`,
    ),
  ];
}

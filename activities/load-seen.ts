// Owns: what an evaluation measures: connected users and signals from whoever the policy names, the
// instances' own reports, Prometheus, or both, and what is wrong with it. Reads only, within the policy's
// time, and never fails because a source does: that is a finding (src/core/telemetry judges answers).

import { shorten } from '../src/core/bytes.js';
import type { Policy } from '../src/core/scaling/policy.js';
import { signals, type Signal } from '../src/core/scaling/signals.js';
import type { Sample, ScalingSnapshot, SignalReading } from '../src/core/scaling/snapshot.js';
import type { Answer } from '../src/core/telemetry/judge.js';
import type { TelemetryProblem } from '../src/core/telemetry/problems.js';
import { readClients, readSignal, type ClientsRead } from '../src/core/telemetry/reading.js';
import { defaultQueries, queryOf } from '../src/core/telemetry/template.js';
import { BadInputError, UnreachableError } from '../src/errors.js';
import type { Connections } from './connections.js';

export type LoadSeen = Pick<ScalingSnapshot, 'samples' | 'sessions' | 'signals' | 'telemetry'>;

/** The label that names an instance, as the programs here and the chart's ServiceMonitor have it. */
export const instanceLabel = 'instance';
/** Two counts of a small service differ by so many because people come and go meanwhile. */
const slackClients = 10;
/** Of what a database says about itself, in a record. */
const saidMaxBytes = 400;

type Around = Pick<Connections, 'metrics' | 'timeSeries'>;

/** `members`: null before the first distribution; then nobody is counted by anybody else. */
export async function loadSeen(
  around: Around,
  policy: Policy,
  members: readonly string[] | null,
): Promise<LoadSeen> {
  const { source } = policy.metrics;
  if (source === 'reports' || members === null) {
    return { samples: await around.metrics.load(policy.service) };
  }
  const [reports, answers] = await Promise.all([
    around.metrics.load(policy.service),
    ask(around, policy),
  ]);
  const reported = freshTotal(reports, members, policy.sampleMaxAgeMs);
  const read = readClients(answers, {
    members,
    instanceLabel,
    maxAgeMs: policy.sampleMaxAgeMs,
    reported,
    slackShare: policy.metrics.contradictionShare,
    slackClients,
  });
  const measured = signalsIn(answers.signals, members, read.ageMs ?? 0);
  const seen =
    source === 'both' ? countedTwice(reports, read, policy) : byDatabase(read, members, reported);
  const problems = [...seen.problems, ...measured.problems];
  return {
    samples: seen.samples,
    ...(seen.sessions === null ? {} : { sessions: seen.sessions }),
    ...(measured.readings.length === 0 ? {} : { signals: measured.readings }),
    ...(problems.length === 0 ? {} : { telemetry: problems }),
  };
}

interface Counted {
  readonly samples: readonly Sample[];
  /** The other count of all users, if there is one. */
  readonly sessions: number | null;
  readonly problems: readonly TelemetryProblem[];
}

/** Reports for the load of each instance, the database for the total. */
function countedTwice(samples: readonly Sample[], read: ClientsRead, { sampleMaxAgeMs }: Policy) {
  const isFresh = read.ageMs !== null && read.ageMs <= sampleMaxAgeMs;
  return {
    samples,
    sessions: isFresh ? read.total : null,
    // The decision itself compares the two counts.
    problems: read.problems.filter((problem) => !isAgainstReports(problem)),
  };
}

/** The database for all of it; reports tell whether an empty service is one. */
function byDatabase(
  { perInstance, total, ageMs, problems }: ClientsRead,
  members: readonly string[],
  reported: number | null,
): Counted {
  const samples = members.flatMap((instance) => {
    const clients = perInstance.get(instance);
    return clients === undefined || ageMs === null ? [] : [{ instance, clients, ageMs }];
  });
  const isTotal = total !== null && perInstance.size === 0 && members.length > 0;
  return {
    samples,
    sessions: reported,
    problems: [
      // What is missing or stale is said of each sample, and zeros and differences by the decision.
      ...problems.filter(
        (problem) => !saidOfSamples.has(problem.kind) && !isAgainstReports(problem),
      ),
      ...(isTotal
        ? [{ kind: 'telemetry-unlabelled', of: 'clients', label: instanceLabel } as const]
        : []),
    ],
  };
}

const saidOfSamples: ReadonlySet<TelemetryProblem['kind']> = new Set([
  'telemetry-partial',
  'telemetry-stale',
  'telemetry-zero',
]);

const isAgainstReports = (problem: TelemetryProblem): boolean =>
  problem.kind === 'telemetry-contradicts' && problem.whose === 'reports';

/** Null unless every member has reported lately: half of them are compared with nothing. */
function freshTotal(
  reports: readonly Sample[],
  members: readonly string[],
  maxAgeMs: number,
): number | null {
  const fresh = new Map(
    reports.filter(({ ageMs }) => ageMs <= maxAgeMs).map((one) => [one.instance, one.clients]),
  );
  let total = 0;
  for (const member of members) {
    const clients = fresh.get(member);
    if (clients === undefined) return null;
    total += clients;
  }
  return total;
}

interface Answers {
  readonly clients: Answer;
  readonly age?: Answer | undefined;
  readonly signals: readonly (readonly [Signal, Answer])[];
}

/** One query for each need, all at once. */
async function ask({ timeSeries }: Around, policy: Policy): Promise<Answers> {
  const { service, metrics } = policy;
  const one = (template: string) =>
    answerOf(timeSeries, queryOf(template, service), metrics.timeoutMs);
  const age = ageQuery(policy);
  const wanted = signals.filter((signal) => policy.signals[signal] !== undefined);
  const [clients, ageAnswer, ...others] = await Promise.all([
    one(clientsQuery(policy)),
    age === undefined ? undefined : one(age),
    ...wanted.map((signal) => one(metrics.queries[signal] ?? '')),
  ]);
  const measured = wanted.map((signal, at) => [signal, others[at] ?? []] as const);
  return { clients, age: ageAnswer, signals: measured };
}

/** By instance; services that count as the reference service does need not say it. */
export const clientsQuery = ({ metrics }: Policy): string =>
  metrics.queries.clients ?? defaultQueries.instances;

/** Of another count than the default nobody knows the age, unless the policy says how to ask for it. */
const ageQuery = ({ metrics: { queries } }: Policy): string | undefined =>
  queries.age ?? (queries.clients === undefined ? defaultQueries.age : undefined);

async function answerOf(
  source: Connections['timeSeries'],
  query: string,
  withinMs: number,
): Promise<Answer> {
  if (source === undefined) return { failed: withoutSource };
  try {
    return await source.instant(query, withinMs);
  } catch (error) {
    return { failed: saidBy(error) };
  }
}

export const withoutSource = 'the policy wants Prometheus, and the worker has no PROMETHEUS_URL';

/** What a source that failed says of itself. Whatever is none of its failures is thrown on. */
export function saidBy(error: unknown): string {
  if (error instanceof BadInputError) return shorten(error.message, saidMaxBytes);
  if (!(error instanceof UnreachableError)) throw error;
  // What to do about it is for who asks doctor, not for every decision.
  const mend = error.mend === undefined ? '' : `; ${error.mend}`;
  return shorten(error.message.slice(0, error.message.length - mend.length), saidMaxBytes);
}

function signalsIn(
  answers: Answers['signals'],
  members: readonly string[],
  ageMs: number,
): { readonly readings: readonly SignalReading[]; readonly problems: readonly TelemetryProblem[] } {
  const readings: SignalReading[] = [];
  const problems: TelemetryProblem[] = [];
  for (const [signal, answer] of answers) {
    const { read, problems: found } = readSignal(signal, answer, { members, instanceLabel });
    if (read !== null) readings.push({ signal, ...read, ageMs });
    problems.push(...found);
  }
  return { readings, problems };
}

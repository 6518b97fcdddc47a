// Owns: what an exploration says: one row for each world, for people and as JSON. Knows no world.

import type { Exploration } from './breadth-first.js';
import type { Agreement } from './evidence.js';
import type { Budgets, WorldOptions } from './world-options.js';

export interface WorldReport {
  readonly world: WorldOptions;
  readonly exploration: Exploration;
  readonly agreement: Agreement;
  readonly elapsedMs: number;
}

const faultNames: Readonly<Record<keyof Budgets, string>> = {
  crashes: 'crash',
  restarts: 'restart',
  pauses: 'pause',
  fences: 'fence',
  duplicates: 'late copy',
  lostSockets: 'lost socket',
  repeatedNotices: 'repeated notice',
  repeats: 'repeated append',
};

/** `1 crash, 1 restart, resume`; `nothing` when nothing can go wrong. */
export function budgetsInWords(options: WorldOptions): string {
  const { budgets, says, leaves, sessions, checkpoints, messages, removes } = options;
  const names = Object.keys(faultNames) as (keyof Budgets)[];
  const said = names
    .filter((name) => budgets[name] > 0)
    .map((name) => `${budgets[name]} ${faultNames[name]}`);
  said.push(...says.map((type) => `\`${type}\``), ...leaves.map((o) => `s-${o} is told to end`));
  if (removes) said.push('removal');
  if (sessions > 1) said.push(`${sessions} sessions`);
  if (checkpoints) said.push('checkpoints');
  if (messages > 0) said.push(`${messages} messages`);
  return said.length === 0 ? 'nothing' : said.join(', ');
}

/** `2 / 1 / 1 / 2`: instances, partitions, clients, revisions. */
function sizes({ instances, partitions, clients, revisions }: WorldOptions): string {
  return [instances, partitions, clients.length, revisions.length].join(' / ');
}

const grouped = (n: number): string => n.toLocaleString('en-US').replaceAll(',', ' ');

const heads = [
  ...['world', 'instances / partitions / clients / revisions', 'leases', 'what may happen'],
  ...['states', 'transitions', 'depth', 'seconds', 'closed'],
];

function cells({ world, exploration, elapsedMs }: WorldReport): readonly string[] {
  const { states, transitions, depth, closed } = exploration;
  const numbers = [grouped(states), grouped(transitions), String(depth)];
  const seconds = (elapsedMs / 1_000).toFixed(elapsedMs < 10_000 ? 1 : 0);
  const leases = world.leases.length === 0 ? 'always good' : leasesInWords(world);
  return [
    ...[world.name, sizes(world), leases, budgetsInWords(world)],
    ...[...numbers, seconds, closed ? 'yes' : 'no'],
  ];
}

/** `s-0, s-1; TTL 1`. */
function leasesInWords({ leases, limits, heartbeatsUnderWay }: WorldOptions): string {
  const names = leases.map((ordinal) => `s-${ordinal}`).join(', ');
  const beats = heartbeatsUnderWay > 1 ? `, ${heartbeatsUnderWay} heartbeats` : '';
  return `${names}; TTL ${limits.ttlMs}${beats}`;
}

export function markdownOf(reports: readonly WorldReport[]): string {
  const rows = [heads, heads.map((_, i) => (i < 4 ? '---' : '---:')), ...reports.map(cells)];
  const table = rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
  return `${table}\n\n${totalOf(reports)}`;
}

export function totalOf(reports: readonly WorldReport[]): string {
  const sum = (of: (report: WorldReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const states = grouped(sum(({ exploration }) => exploration.states));
  const transitions = grouped(sum(({ exploration }) => exploration.transitions));
  const violations = sum(({ exploration }) => (exploration.violation === null ? 0 : 1));
  const logs = grouped(sum(({ agreement }) => agreement.logs));
  const differences = sum(({ agreement }) => agreement.differences.length);
  return (
    `In all ${states} distinct states and ${transitions} transitions, ${violations} violations. ` +
    `Of ${logs} different ownership logs the independent check judges ${differences} records otherwise.`
  );
}

export function linesOf(report: WorldReport): readonly string[] {
  const { world, exploration, agreement, elapsedMs } = report;
  const { states, transitions, depth, closed, violation } = exploration;
  const size = `${grouped(states)} states, ${grouped(transitions)} transitions, depth ${depth}`;
  const end = closed ? 'closed' : violation === null ? 'not closed' : 'violated';
  return [
    `${world.name}: ${size}, ${(elapsedMs / 1_000).toFixed(1)} s, ${end}`,
    `  ${world.about}; may happen: ${budgetsInWords(world)}`,
    ...(violation === null ? [] : [`  ${violation.what}`]),
    ...(violation?.story.map(({ text }, i) => `  ${String(i + 1).padStart(3)}. ${text}`) ?? []),
    ...agreement.differences.map((text) => `  judged otherwise by the independent check: ${text}`),
  ];
}

export function jsonOf(reports: readonly WorldReport[]): object {
  return {
    ok: reports.every(isFine),
    states: reports.reduce((sum, { exploration }) => sum + exploration.states, 0),
    worlds: reports.map(({ world, exploration, agreement, elapsedMs }) => ({
      ...{ name: world.name, about: world.about, instances: world.instances },
      ...{ partitions: world.partitions, clients: world.clients.length },
      ...{ revisions: world.revisions.length, leases: world.leases, budgets: world.budgets },
      ...{ states: exploration.states, transitions: exploration.transitions },
      ...{ depth: exploration.depth, closed: exploration.closed, elapsedMs },
      ...{ logs: agreement.logs, judgedOtherwise: agreement.differences.length },
      events: Object.fromEntries(exploration.kinds),
      violation:
        exploration.violation === null
          ? null
          : {
              what: exploration.violation.what,
              story: exploration.violation.story.map(({ text }) => text),
            },
    })),
  };
}

export function isFine({ exploration, agreement }: WorldReport): boolean {
  return exploration.violation === null && agreement.differences.length === 0;
}

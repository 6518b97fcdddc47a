// Owns: how a replay reads in a terminal of 80 columns: one policy as a block, several as a table. Pure.

import type { Report } from '../../lab/simulate.js';
import type { Trace } from '../../lab/trace.js';
import { durationText, timeText } from '../when.js';

const reasonsShown = 6;
const nameWidth = 24;

export interface Shown {
  readonly trace: Trace;
  readonly from: number;
  readonly reports: readonly Report[];
}

export function simulationText({ trace, from, reports }: Shown): string {
  const [first] = reports;
  if (first === undefined) return '';
  const { values, stepMs, startMs, filled } = trace;
  const gaps =
    filled.size === 0
      ? ''
      : `, ${filled.size} missing ${filled.size === 1 ? 'row' : 'rows'} filled`;
  const since = from === 0 ? '' : `, scored from row ${from}`;
  const head = `trace     ${values.length} rows every ${spanText(stepMs)} from ${timeText(startMs)}${gaps}${since}`;
  const body = reports.length === 1 ? blockOf(first) : tableOf(reports);
  return [head, ...forecastLines(first), ...body].join('\n');
}

function forecastLines({ forecast }: Report): string[] {
  const { wape, baselineWape, horizonSteps, model, trusted } = forecast;
  const ahead = horizonSteps === 1 ? '1 row' : `${horizonSteps} rows`;
  return [
    `forecast  ${ahead} ahead off by ${percent(wape)}, the last value by ${percent(baselineWape)}; ` +
      `trusted ${percent(100 * trusted)} of the time; at the end by ${model ?? 'no model'}`,
  ];
}

function blockOf(report: Report): string[] {
  const { policy, instances, decisions, ticks, scaleEvents, forecast, cost } = report;
  const { name, target, capacity, everyMs, leadTimeMs, forecastMode } = policy;
  const acted =
    forecastMode === 'acting' ? `, ${count(forecast.acted)} of them by the forecast` : '';
  const reasons = Object.entries(report.reasons).slice(0, reasonsShown);
  return [
    `policy    ${name}: target ${count(target)} per instance, which can serve ${count(capacity)}; ` +
      `evaluated every ${spanText(everyMs)}; a growth takes ${spanText(leadTimeMs)}; forecast ${forecastMode}`,
    '',
    `overload   ${count(report.overloadMinutes)} min above instances × capacity`,
    `instances  ${instances.min} to ${instances.max}, ${instances.mean.toFixed(1)} on average; ` +
      `${count(report.instanceHours)} instance-hours, and ${count(report.preparingHours)} until they served`,
    `changes    ${count(scaleEvents.up)} up, ${count(scaleEvents.down)} down; ${count(report.clientsMoved)} clients moved`,
    `decisions  ${count(decisions.act)} of ${count(ticks)} acted${acted}`,
    ...(cost === null ? [] : [`cost       ${count(cost)} at the policy's prices`]),
    `reasons    ${reasons.map(([kind, times]) => `${kind} ${count(times)}`).join(' · ')}`,
  ];
}

function tableOf(reports: readonly Report[]): string[] {
  const row = (name: string, cells: readonly string[]): string =>
    `${fit(name).padEnd(nameWidth)}${cells.map((cell) => cell.padStart(11)).join('')}`.trimEnd();
  const priced = reports.some(({ cost }) => cost !== null);
  const last = priced ? 'cost' : 'by forecast';
  return [
    '',
    row('policy', ['overload', 'hours', 'moved', 'changes', last]),
    ...reports.map((report) => {
      const { up, down } = report.scaleEvents;
      const { overloadMinutes, instanceHours, clientsMoved, cost, forecast, policy } = report;
      const numbers = [overloadMinutes, instanceHours, clientsMoved, up + down];
      const end = priced ? (cost ?? NaN) : forecast.acted;
      return row(policy.name, [...numbers, end].map(count));
    }),
  ];
}

/** The end of a path says more than its beginning. */
function fit(name: string): string {
  const most = nameWidth - 1;
  return name.length <= most ? name : `…${name.slice(name.length - most + 1)}`;
}

/** Round spans without their zeros: `5 min`, not `5 min 0 s`. */
const spanText = (ms: number): string =>
  durationText(ms)
    .replace(/ 0 (s|min)$/, '')
    .replace('.0 s', ' s');

const percent = (share: number): string => `${share.toFixed(share < 10 ? 2 : 1)} %`;

/** With thin spaces between thousands; small numbers with the digits that matter. */
export function count(number: number): string {
  if (Number.isNaN(number)) return '–';
  const digits = Math.abs(number) >= 100 || Number.isInteger(number) ? 0 : 2;
  const [whole = '', part] = number.toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ' ');
  return part === undefined ? grouped : `${grouped}.${part}`;
}

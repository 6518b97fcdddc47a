// A distribution and a plan as text for people: a table of who owns what, the partition space as a
// bar, moves by wave. No line is wider than 80 columns. Never computes anything but sums and shares.
import { countOf, formatRanges, type Range, type Ranges } from '../ranges.js';
import { checkObject, checkOwnership } from './check.js';
import { imbalanceSentences } from './imbalance-text.js';
import { compareInstances, toleranceWithWeights, trailingNumber } from './situation.js';
import type { Plan, PlanInput, Wave } from './types.js';

export const widthMax = 80;
/** More rows than this are counted, not printed: nobody reads them. */
const instanceRowsMax = 64;
const waveLinesMax = 12;
/** Columns before the moves of a wave. */
const waveIndent = 9;
const nameWidthMax = 28;
/** Weight and limit have columns of their own. */
const nameWidthWithWeightsMax = 20;
/** Columns before what is said of a plan. */
const labelWidth = 9;

const symbols = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const unownedSymbol = '.';

/** Ranges by instance name, and P. */
export interface Ownership {
  readonly partitions: number;
  readonly instances: Readonly<Record<string, Ranges>>;
  /** Of each partition; the share is then one of the weight. */
  readonly weights?: ArrayLike<number> | undefined;
  /** Name → the share of the weight that it may have, [0,1]; who is not named may have none. */
  readonly limits?: ReadonlyMap<string, number> | undefined;
}

/** The table and under it the bar; lines joined by newlines, none at the end. */
export function formatDistribution(ownership: Ownership, width: number = widthMax): string {
  const bar = formatBar(ownership, width);
  return [...tableLines(ownership), '', bar, scaleLine(ownership.partitions, bar.length)].join(
    '\n',
  );
}

/**
 * The partition space in at most `width` columns, each showing who owns most of its partitions: the
 * symbol of an instance is its trailing number as one digit or letter; `.` where nobody owns them.
 */
export function formatBar(ownership: Ownership, width: number = widthMax): string {
  checkOwnership(ownership);
  const { partitions, instances } = ownership;
  const columns = Math.max(1, Math.min(Math.floor(width), widthMax, partitions));
  const edge = (column: number): number => Math.floor((column * partitions) / columns);
  const most = Array.from({ length: columns }, () => new Map<string, number>());
  const names = Object.keys(instances).sort(compareInstances);
  names.forEach((name, index) => {
    const symbol = symbolOf(name, index);
    for (const [from, to] of instances[name] as Ranges) {
      let column = Math.floor((from * columns) / partitions);
      while (edge(column + 1) <= from) column += 1;
      for (; column < columns && edge(column) <= to; column += 1) {
        const count = Math.min(to + 1, edge(column + 1)) - Math.max(from, edge(column));
        const counts = most[column] as Map<string, number>;
        counts.set(symbol, (counts.get(symbol) ?? 0) + count);
      }
    }
  });
  return most.map((counts, column) => dominant(counts, edge(column + 1) - edge(column))).join('');
}

/** What a plan does: bars before and after, the table, its certificate, and its waves. */
export function formatPlan(
  plan: Plan,
  input: Pick<PlanInput, 'partitions' | 'current'> &
    Partial<Pick<PlanInput, 'instances' | 'weights' | 'tolerance' | 'capacity'>>,
  width: number = widthMax,
): string {
  checkObject('plan', plan, 'what planDistribution answered');
  checkObject('input', input, 'what was planned for');
  const { partitions, weights } = input;
  const limits = weights === undefined ? undefined : limitsOf(input);
  const barWidth = Math.min(width, widthMax) - 'before '.length;
  const before = formatBar({ partitions, instances: input.current ?? {} }, barWidth);
  const after = formatBar({ partitions, instances: plan.instances }, barWidth);
  const { moved, balance, imbalance, ranges, roundsLeft, waves } = plan;
  return [
    `before ${before}`,
    `after  ${after}`,
    `       ${scaleLine(partitions, after.length)}`,
    '',
    ...tableLines({ partitions, instances: plan.instances, weights, limits }),
    '',
    `moved    ${moved.partitions} partitions, weight ${round(moved.weight)}; at least ${round(moved.lowerBound)} within the same limits`,
    `balance  heaviest ${balance.maxOverMean.toFixed(3)} × mean, lightest ${balance.minOverMean.toFixed(3)} × mean`,
    ...(imbalance === undefined ? [] : sentenceLines('uneven', imbalanceSentences(imbalance))),
    `ranges   ${ranges.total}, at most ${ranges.maxPerInstance} on one instance`,
    `waves    ${waves.length}${roundsLeft > 0 ? `, and ${roundsLeft} more rounds after this one` : ''}`,
    ...waveLines(waves),
  ]
    .map((line) => clip(line, widthMax))
    .join('\n');
}

/** Name → (1 + tolerance) × its share by capacity. */
function limitsOf({
  instances = [],
  capacity = {},
  tolerance = toleranceWithWeights,
}: Partial<PlanInput>): ReadonlyMap<string, number> {
  const sizes = instances.map((name) => (Object.hasOwn(capacity, name) ? capacity[name] : 1) ?? 1);
  const total = sizes.reduce((a, b) => a + b, 0);
  return new Map(
    instances.map((name, i) => [name, ((1 + tolerance) * (sizes[i] as number)) / total]),
  );
}

function tableLines(ownership: Ownership): string[] {
  const { partitions, instances, weights, limits } = ownership;
  const names = Object.keys(instances).sort(compareInstances);
  const widest = names.reduce((most, name) => Math.max(most, name.length), 'instance'.length);
  const nameWidth = Math.min(
    weights === undefined ? nameWidthMax : nameWidthWithWeightsMax,
    widest,
  );
  const total = weights === undefined ? partitions : weightIn(weights, [[0, partitions - 1]]);
  const weightColumn = weights === undefined ? '' : '      weight';
  const limitColumn = limits === undefined ? '' : '    limit';
  const lines = [
    `  ${'instance'.padEnd(nameWidth)}  partitions${weightColumn}    share${limitColumn}  ranges`,
  ];
  names.slice(0, instanceRowsMax).forEach((name, index) => {
    const ranges = instances[name] as Ranges;
    const count = countOf(ranges);
    const weight = weights === undefined ? count : weightIn(weights, ranges);
    const columns = [
      `${symbolOf(name, index)} ${clip(name, nameWidth).padEnd(nameWidth)}`,
      String(count).padStart(10),
      ...(weights === undefined ? [] : [shortNumber(weight).padStart(10)]),
      percent(total === 0 ? count / partitions : weight / total),
      ...(limits === undefined ? [] : [percent(limits.get(name) ?? 0)]),
    ];
    const head = `${columns.join('  ')}  `;
    lines.push(head + rangesWithin(ranges, widthMax - head.length));
  });
  if (names.length > instanceRowsMax) lines.push(`  … ${names.length - instanceRowsMax} more`);
  return lines;
}

function weightIn(weights: ArrayLike<number>, ranges: Ranges): number {
  let sum = 0;
  for (const [from, to] of ranges) {
    for (let p = from; p <= to; p += 1) sum += weights[p] as number;
  }
  return sum;
}

/** In at most ten columns. */
function shortNumber(value: number): string {
  const text = String(round(value));
  return text.length <= 10 ? text : value.toPrecision(4);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`.padStart(7);
}

/** Sentences behind a label, wrapped. */
function sentenceLines(label: string, sentences: readonly string[]): string[] {
  return sentences.flatMap((sentence, i) =>
    wrapped(sentence, widthMax - labelWidth).map(
      (text, line) => (i === 0 && line === 0 ? label : '').padEnd(labelWidth) + text,
    ),
  );
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const joined = `${last} ${word}`;
    if (last !== undefined && joined.length <= width) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines;
}

function waveLines(waves: readonly Wave[]): string[] {
  const lines: string[] = [];
  for (const [i, wave] of waves.entries()) {
    const own = wrappedMoves(wave).map(
      (text, k) => `${(k === 0 ? String(i + 1) : '').padStart(5)}    ${text}`,
    );
    if (lines.length + own.length > waveLinesMax && i > 0) {
      lines.push(`         … ${waves.length - i} more`);
      return lines;
    }
    lines.push(...own.slice(0, waveLinesMax));
    if (own.length > waveLinesMax) lines.push(`         … ${own.length - waveLinesMax} more lines`);
  }
  return lines;
}

/** The moves of a wave, as many on a line as fit. */
function wrappedMoves(wave: Wave): string[] {
  const lines: string[] = [];
  for (const { from, to, donor, receiver } of wave) {
    const text = `${donor} → ${receiver} ${formatRanges([[from, to]])}`;
    const last = lines.at(-1);
    const joined = last === undefined ? text : `${last} · ${text}`;
    if (last !== undefined && joined.length <= widthMax - waveIndent)
      lines[lines.length - 1] = joined;
    else lines.push(text);
  }
  return lines;
}

/** `0      359` under a bar of that many columns. */
function scaleLine(partitions: number, columns: number): string {
  const last = String(partitions - 1);
  return columns < last.length + 2 ? `0-${last}` : `0${last.padStart(columns - 1)}`;
}

function dominant(counts: ReadonlyMap<string, number>, size: number): string {
  let owned = 0;
  let best = unownedSymbol;
  let bestCount = 0;
  for (const [symbol, count] of counts) {
    owned += count;
    if (count > bestCount) [best, bestCount] = [symbol, count];
  }
  return size - owned > bestCount ? unownedSymbol : best;
}

function symbolOf(name: string, index: number): string {
  const number = trailingNumber(name);
  return symbols[(Number.isSafeInteger(number) ? number : index) % symbols.length] as string;
}

/** The ranges in so many columns: whole ones, then how many more there are. */
function rangesWithin(ranges: Ranges, columns: number): string {
  const all = formatRanges(ranges);
  if (all.length <= columns) return all;
  const shown: Range[] = [];
  let text = '';
  for (const range of ranges) {
    shown.push(range);
    const next = `${formatRanges(shown).slice(0, -1)},… ${ranges.length - shown.length} more]`;
    if (next.length > columns) break;
    text = next;
  }
  return text === '' ? `${ranges.length} ranges` : text;
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function round(weight: number): number {
  return Math.round(weight * 1000) / 1000;
}

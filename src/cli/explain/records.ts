// Owns: from recorded decisions to what `explain` shows of them, and making them again: the same
// record has to give the same bytes. Pure but for the hash.

import { createHash } from 'node:crypto';
import {
  decideAgain,
  inputText,
  isReproduced,
  type DecisionRecord,
} from '../../core/scaling/record.js';
import type { DecisionDoc } from '../../ports.js';
import { timeText } from '../when.js';
import { policyDefaults } from '../../core/scaling/policy.js';
import type { DecisionSeen, ForecastSeen } from './decisions.js';

/** Differing decisions that are told one by one. */
const differMax = 5;

/** Records of older versions have fewer fields. */
export function decisionSeen({ atMs, kind, body, inputHash }: DecisionDoc): DecisionSeen {
  const { text = [], decision } = body as Partial<DecisionRecord>;
  const would = kind === 'skip' && decision?.kind === 'act';
  return {
    atMs,
    kind,
    reasons: text,
    desired: decision?.desired ?? null,
    inputHash,
    ...(would ? { would } : {}),
  };
}

/** What the newest decision foresaw; undefined when its policy wants no forecast. */
export function forecastSeen(newest: DecisionDoc | undefined): ForecastSeen | undefined {
  if (newest === undefined) return undefined;
  const { snapshot, policy } = newest.body as Partial<DecisionRecord>;
  const { forecast, noForecast } = snapshot ?? {};
  if (forecast === undefined && noForecast === undefined) return undefined;
  return {
    atMs: newest.atMs,
    mode: policy?.forecast?.mode ?? policyDefaults.forecast.mode,
    forecast: forecast ?? null,
    why: forecast?.why ?? noForecast ?? '',
  };
}

export interface Rerun {
  /** Decisions that came out with the same bytes, from inputs with the recorded hash. */
  readonly same: number;
  readonly differ: readonly {
    readonly atMs: number;
    readonly why: 'decision' | 'hash' | 'unreadable';
    readonly recorded: string;
    readonly again: string;
  }[];
}

/** The code is of now: what an older version decided may differ. */
export function rerunOf(decisions: readonly DecisionDoc[]): Rerun {
  const differ: Rerun['differ'][number][] = [];
  for (const { atMs, body, inputHash } of decisions) {
    const record = body as DecisionRecord;
    const recorded = JSON.stringify(record.decision);
    try {
      const hash = createHash('sha256').update(inputText(record, atMs)).digest('hex');
      const again = JSON.stringify(decideAgain(record, atMs).decision);
      if (!isReproduced(record, atMs)) differ.push({ atMs, why: 'decision', recorded, again });
      else if (hash !== inputHash) {
        differ.push({ atMs, why: 'hash', recorded: inputHash, again: hash });
      }
    } catch (error) {
      // A record of a version that kept less than a decision needs.
      const again = error instanceof Error ? error.message : String(error);
      differ.push({ atMs, why: 'unreadable', recorded: recorded ?? 'nothing', again });
    }
  }
  return { same: decisions.length - differ.length, differ };
}

export function rerunText({ same, differ }: Rerun): string {
  const all = same + differ.length;
  if (differ.length === 0)
    return `made again from their records: all ${all} the same, byte by byte`;
  const lines = differ
    .slice(0, differMax)
    .flatMap(({ atMs, why, recorded, again }) => [
      `  ${timeText(atMs)}  ${why} differs`,
      `    recorded  ${recorded}`,
      `    again     ${again}`,
    ]);
  const more = differ.length > differMax ? [`  and ${differ.length - differMax} more`] : [];
  return [`made again from their records: ${same} of ${all} the same`, ...lines, ...more].join(
    '\n',
  );
}

// Owns: the last hours of a service as the console shows them: decisions that said the same as one, the
// load with what was foreseen, and rebalances. Pure; what is finer than a screen is made coarser.

import type { DecisionRecord } from '../../core/scaling/record.js';
import {
  consoleDecisionsShownMax,
  consoleLoadPointsMax,
  consolePastMs,
} from '../../console/limits.js';
import type {
  DecisionPicture,
  LoadPicture,
  Past,
  RebalancePicture,
} from '../../console/picture.js';
import type { DecisionDoc, RebalanceDoc } from '../../ports.js';
import { runsOf, type DecisionSeen } from '../explain/decisions.js';
import { decisionSeen } from '../explain/records.js';
import { rebalanceSeen } from '../rebalance-record.js';
import { whoAsked } from './asked.js';
import type { Links } from './links.js';

/** What is kept of one decision in memory. */
export interface Kept {
  readonly seen: DecisionSeen;
  readonly clients: number | null;
  readonly upper: number | null;
  readonly lower: number | null;
  readonly foreseen: {
    readonly forMs: number;
    readonly value: number;
    readonly low: number;
    readonly high: number;
  } | null;
}

/** Records of older versions have fewer fields. */
export function keptOf(doc: DecisionDoc): Kept {
  const { snapshot, policy } = doc.body as Partial<DecisionRecord>;
  const members = snapshot?.members?.length ?? 0;
  const samples = snapshot?.samples ?? [];
  const thresholds = members === 0 ? undefined : policy?.clientsPerInstance;
  const forecast = snapshot?.forecast;
  return {
    seen: decisionSeen(doc),
    clients: samples.length === 0 ? null : samples.reduce((sum, { clients }) => sum + clients, 0),
    upper: thresholds === undefined ? null : thresholds.upper * members,
    lower: thresholds === undefined ? null : thresholds.lower * members,
    foreseen:
      forecast === undefined
        ? null
        : {
            forMs: doc.atMs + forecast.horizonMs,
            value: forecast.value,
            low: forecast.low,
            high: forecast.high,
          },
  };
}

/** `kept`: oldest first. */
export function pastOf(known: {
  readonly service: string;
  readonly kept: readonly Kept[];
  readonly forecast: string;
  readonly rebalances: readonly RebalanceDoc[];
  readonly links: Links;
  readonly nowMs: number;
}): Past {
  const { service, kept, forecast, rebalances, links, nowMs } = known;
  const sinceMs = Math.max(nowMs - consolePastMs, kept[0]?.seen.atMs ?? nowMs);
  return {
    sinceMs,
    decisions: runsOf(kept.map(({ seen }) => seen))
      .slice(-consoleDecisionsShownMax)
      .reverse()
      .map(({ kind, would, fromMs, toMs, count, desired, reasons }): DecisionPicture => {
        return { kind: would === true ? 'would' : kind, fromMs, toMs, count, desired, reasons };
      }),
    load: loadOf(kept, sinceMs),
    forecast,
    rebalances: rebalances.map((doc) => rebalancePicture(service, doc, links)),
  };
}

const rowMinMs = 1_000;

interface Row {
  clients?: number | null;
  upper?: number | null;
  lower?: number | null;
  foreseen?: number;
  low?: number;
  high?: number;
}

function loadOf(kept: readonly Kept[], sinceMs: number): LoadPicture {
  const endMs = Math.max(
    ...kept.map(({ seen, foreseen }) => Math.max(seen.atMs, foreseen?.forMs ?? 0)),
    sinceMs,
  );
  const stepMs = Math.max(rowMinMs, Math.ceil((endMs - sinceMs + 1) / consoleLoadPointsMax));
  const rows = new Map<number, Row>();
  const rowAt = (atMs: number): Row => {
    const at = Math.floor(atMs / stepMs) * stepMs;
    const row = rows.get(at) ?? {};
    rows.set(at, row);
    return row;
  };
  for (const { seen, clients, upper, lower, foreseen } of kept) {
    Object.assign(rowAt(seen.atMs), { clients, upper, lower });
    if (foreseen === null) continue;
    const { value, low, high } = foreseen;
    Object.assign(rowAt(foreseen.forMs), { foreseen: value, low, high });
  }
  const atMs = [...rows.keys()].sort((a, b) => a - b);
  const column = (name: keyof Row) => atMs.map((at) => rows.get(at)?.[name] ?? null);
  return {
    atMs,
    clients: column('clients'),
    upper: column('upper'),
    lower: column('lower'),
    foreseen: column('foreseen'),
    low: column('low'),
    high: column('high'),
  };
}

function rebalancePicture(service: string, doc: RebalanceDoc, links: Links): RebalancePicture {
  const seen = rebalanceSeen(doc);
  const { id, atMs, runId, outcome, text, request, gapMs } = seen;
  return {
    id,
    runId,
    atMs,
    outcome,
    text,
    by: request === null ? '' : whoAsked(request),
    reason: request?.reason ?? '',
    movedClients: seen.movedClients,
    notReturned: seen.notReturned,
    gap: gapMs !== null && gapMs.n > 0 ? gapMs : null,
    durationMs: seen.durationMs,
    link: links.run(service, runId),
  };
}

// Owns: the panels of the chart's dashboard and what Prometheus answers to each of their queries. Never
// draws, and never changes a query but for its variable.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDir } from '../../stack/checkout.js';
import type { RangeWindow, TimeSeriesSource } from '../../src/time-series-port.js';

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970 and value; NaN where there was none to compute. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Panel {
  readonly title: string;
  readonly type: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

export interface Answer {
  /** As it stands in the dashboard. */
  readonly expr: string;
  readonly series: readonly (Series & { readonly name: string })[];
}

export interface AnsweredPanel {
  readonly panel: Panel;
  readonly answers: readonly Answer[];
}

export function dashboardPanels(): readonly Panel[] {
  const path = join(checkoutDir, 'helm', 'evenkeel', 'dashboards', 'evenkeel.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { panels: readonly Panel[] }).panels;
}

/** Asks every query over the time of a run. Series without a single number count as none. */
export async function answersOf(
  prometheus: TimeSeriesSource,
  service: string,
  window: RangeWindow,
): Promise<readonly AnsweredPanel[]> {
  const answered: AnsweredPanel[] = [];
  for (const panel of dashboardPanels()) {
    const answers: Answer[] = [];
    for (const { expr, legendFormat } of panel.targets ?? []) {
      const found = await prometheus.range(expr.replaceAll('$service', service), window);
      const series = found
        .map(({ labels, points }) => ({
          labels,
          points: points.map(({ atMs, value }) => [atMs / 1_000, value] as const),
        }))
        .filter(({ points }) => points.some(([, value]) => Number.isFinite(value)))
        .map((one) => ({ ...one, name: legendOf(legendFormat, one.labels, service) }));
      answers.push({ expr, series });
    }
    answered.push({ panel, answers });
  }
  return answered;
}

/** As Grafana fills a legend: `{{label}}`. Names of a run begin with the name of its service. */
function legendOf(format: string, labels: Series['labels'], service: string): string {
  return format
    .replace(/\{\{(\w+)\}\}/g, (_all, label: string) => labels[label] ?? '')
    .replace(service, 'messaging');
}

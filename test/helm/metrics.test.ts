// What the chart watches: promtool accepts the rules, every metric that rules and dashboard ask for is
// one that a program of ours has, and each alert has its place in docs/alerts.md.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { checkoutDir } from '../../stack/checkout.js';
import { findPrometheus } from '../../stack/prometheus.js';
import { filesBelow } from '../support/source-tree.js';
import { at, chartDir, ofKind, render, valuesOf } from './chart.js';

const exec = promisify(execFile);
const say = (line: string) => process.stderr.write(`${line}\n`);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
let spec: { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
let rules: readonly Rule[] = [];

beforeAll(async () => {
  const objects = await render([
    ...valuesOf('defaults'),
    ...['--set', 'monitoring.rules.enabled=true'],
  ]);
  spec = at(ofKind(objects, 'PrometheusRule')[0], 'spec');
  rules = spec.groups.flatMap((group) => group.rules);
});

/** Every metric of instances, directory and worker, as the sources name them. */
const metrics = new Set([
  // The console's say how a page fares, and nothing of a service: no panel of a service shows them.
  ...filesBelow('src', ['.ts']).flatMap(({ text }) =>
    [...text.matchAll(/(?:name: '|^ +)(evenkeel_(?!console_)[a-z_]+)(?=[':])/gm)].map(
      ([, name = '']) => name,
    ),
  ),
  // Put together in src/worker-schedules.ts.
  ...['missed_ticks', 'skipped_ticks', 'last_tick_timestamp_seconds', 'paused'].map(
    (name) => `evenkeel_schedule_${name}`,
  ),
]);
const unknownIn = (expression: string): string[] =>
  (expression.match(/\bevenkeel_[a-z_]+/g) ?? []).filter(
    (name) => !metrics.has(name.replace(/_bucket$/, '')),
  );

describe('the alerts', () => {
  it('are accepted by promtool', async () => {
    const { promtool } = await findPrometheus(say);
    const directory = mkdtempSync(join(tmpdir(), 'evenkeel-rules-'));
    try {
      const file = join(directory, 'rules.yaml');
      writeFileSync(file, stringify(spec));
      const { stdout } = await exec(promtool, ['check', 'rules', '--lint-fatal', file]);
      say(stdout.trim());
      expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('fire, and stay silent, when they should', async () => {
    const { promtool } = await findPrometheus(say);
    const directory = mkdtempSync(join(tmpdir(), 'evenkeel-rules-'));
    const well = {
      'evenkeel_held_partitions{service="messaging",instance="messaging-0"}': '180x40',
      'evenkeel_held_partitions{service="messaging",instance="messaging-1"}': '180x40',
      'evenkeel_connected_clients{service="messaging",instance="messaging-0"}': '500x40',
      'evenkeel_lease_good{service="messaging",instance="messaging-0"}': '1x40',
      'evenkeel_worker_running{pod="a"}': '1x40',
      'evenkeel_schedule_paused{service="messaging"}': '0x40',
      'evenkeel_schedule_last_tick_timestamp_seconds{service="messaging"}': '0+60x40',
      'evenkeel_directory_held{service="messaging"}': '0x40',
      'evenkeel_directory_answers_total{service="messaging",status="201"}': '0+60x40',
      'evenkeel_directory_answers_total{service="messaging",status="503"}': '0+1x40',
      'evenkeel_revision{service="messaging",instance="messaging-0"}': '7x40',
      'evenkeel_revision{service="messaging",instance="messaging-1"}': '7x40',
      'evenkeel_skipped_records_total{service="messaging",instance="messaging-0",log="control",reason="malformed"}':
        '0x40',
      'evenkeel_sockets_turned_away_total{service="messaging",instance="messaging-0",why="full"}':
        '0x40',
      'evenkeel_client_gap_ms_bucket{service="messaging",instance="messaging-0",le="1000"}':
        '0+10x40',
      'evenkeel_client_gap_ms_bucket{service="messaging",instance="messaging-0",le="2000"}':
        '0+10x40',
      'evenkeel_client_gap_ms_bucket{service="messaging",instance="messaging-0",le="+Inf"}':
        '0+10x40',
    };
    const series = (changes: Record<string, string> = {}) =>
      Object.entries({ ...well, ...changes }).map(([name, values]) => ({ series: name, values }));
    const firing = (alert: string, found: Record<string, string>, labels: object = {}) => ({
      interval: '1m',
      input_series: series(found),
      alert_rule_test: [
        {
          eval_time: '35m',
          alertname: alert,
          exp_alerts: [labels].map((exp) => alertOf(alert, exp)),
        },
      ],
    });
    // What promtool compares: all labels, and all annotations as they read then.
    const values: Record<string, string> = {
      EvenkeelPartitionsUnserved: '300',
      EvenkeelAtItsLimit: '1.5k',
      EvenkeelMovesSlow: '1.99k',
      EvenkeelSessionsWait: '3',
      EvenkeelDirectoryFails: '50%',
      EvenkeelEvaluationsLate: '35m 0s',
      EvenkeelRecordsSkipped: '15',
    };
    const alertOf = (name: string, labels: object) => {
      const rule = rules.find(({ alert }) => alert === name);
      const filled = Object.entries(rule?.annotations ?? {}).map(([key, text]) => [
        key,
        text
          .replace(/\{\{ \$value( \| \w+)? \}\}/g, values[name] ?? '')
          .replace('{{ $labels.instance }}', 'messaging-0')
          .replace('{{ $labels.log }}', 'control')
          .replace('{{ $labels.reason }}', 'malformed'),
      ]);
      return {
        exp_labels: { severity: rule?.labels['severity'], ...labels },
        exp_annotations: Object.fromEntries(filled) as object,
      };
    };
    const one = 'service="messaging",instance="messaging-0"';
    // All in (1 s, 2 s].
    const gaps = (counts: string, cause = '') => ({
      [`evenkeel_client_gap_ms_bucket{${one}${cause},le="1000"}`]: counts.replace(
        /\d+(\+\d+)?x(?=\d+$)/,
        '0x',
      ),
      [`evenkeel_client_gap_ms_bucket{${one}${cause},le="2000"}`]: counts,
      [`evenkeel_client_gap_ms_bucket{${one}${cause},le="+Inf"}`]: counts,
    });
    const held = 'evenkeel_held_partitions{service="messaging",instance="messaging-1"}';
    const instance = { service: 'messaging', instance: 'messaging-0' };
    const tests = [
      {
        interval: '1m',
        // Lost connections are no moves.
        input_series: series(gaps('0+9x40', ',cause="other"')),
        alert_rule_test: rules.map(({ alert }) => ({
          eval_time: '35m',
          alertname: alert,
          exp_alerts: [],
        })),
      },
      firing('EvenkeelPartitionsUnserved', { [held]: '120x40' }),
      firing(
        'EvenkeelInstanceSilent',
        { 'evenkeel_lease_good{service="messaging",instance="messaging-0"}': '0x40' },
        instance,
      ),
      firing('EvenkeelSchedulePaused', { 'evenkeel_schedule_paused{service="messaging"}': '1x40' }),
      firing('EvenkeelNoWorker', { 'evenkeel_worker_running{pod="a"}': '0x40' }),
      firing('EvenkeelAtItsLimit', {
        'evenkeel_connected_clients{service="messaging",instance="messaging-0"}': '3000x40',
      }),
      // A new instance, whose first scrape comes after the moves; and one that has been there.
      firing('EvenkeelMovesSlow', gaps('_x30 20x10')),
      firing('EvenkeelMovesSlow', { ...gaps('0x40'), ...gaps('0+1x40', ',cause="moved"') }),
      firing('EvenkeelMovesSlow', gaps('0+1x40')),
      firing(
        'EvenkeelSocketsRefused',
        { [`evenkeel_sockets_turned_away_total{${one},why="full"}`]: '0+5x40' },
        { instance: 'messaging-0' },
      ),
      firing('EvenkeelSessionsWait', { 'evenkeel_directory_held{service="messaging"}': '3x40' }),
      firing('EvenkeelDirectoryFails', {
        'evenkeel_directory_answers_total{service="messaging",status="201"}': '0+60x40',
        'evenkeel_directory_answers_total{service="messaging",status="503"}': '0+60x40',
      }),
      firing('EvenkeelEvaluationsLate', {
        'evenkeel_schedule_last_tick_timestamp_seconds{service="messaging"}': '0x40',
      }),
      firing('EvenkeelRevisionsDiffer', {
        [`evenkeel_revision{${one}}`]: '7x40',
        'evenkeel_revision{service="messaging",instance="messaging-1"}': '8x40',
      }),
      firing(
        'EvenkeelRecordsSkipped',
        { [`evenkeel_skipped_records_total{${one},log="control",reason="malformed"}`]: '0+1x40' },
        { log: 'control', reason: 'malformed' },
      ),
    ];
    const covered = tests.slice(1).map(({ alert_rule_test: [test] }) => test?.alertname);
    expect([...new Set(covered)].sort()).toEqual(rules.map(({ alert }) => alert).sort());
    try {
      writeFileSync(join(directory, 'rules.yaml'), stringify(spec));
      const file = join(directory, 'tests.yaml');
      writeFileSync(
        file,
        stringify({ rule_files: ['rules.yaml'], evaluation_interval: '1m', tests }),
      );
      const { stdout } = await exec(promtool, ['test', 'rules', file]);
      expect(stdout).toContain('SUCCESS');
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('ask for metrics that there are', () => {
    expect(metrics.size).toBeGreaterThan(15);
    expect(rules.flatMap(({ expr }) => unknownIn(expr))).toEqual([]);
    expect(unknownIn('evenkeel_no_such_thing > 0')).toEqual(['evenkeel_no_such_thing']);
  });

  it('say what to do, and lead to their place in docs/alerts.md', () => {
    const text = readFileSync(join(checkoutDir, 'docs', 'alerts.md'), 'utf8');
    const described = [...text.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(described).toEqual(rules.map(({ alert }) => alert));
    for (const { alert, annotations } of rules) {
      expect(annotations['runbook'], alert).toMatch(/.{20,}\.$/);
      // As it is typed: with two services a command that names none asks for one.
      for (const [command] of annotations['runbook']?.matchAll(/`evenkeel [^`]*`/g) ?? []) {
        expect(command, alert).toMatch(/ messaging`$/);
      }
      expect(annotations['runbook_url'], alert).toBe(`docs/alerts.md#${alert.toLowerCase()}`);
    }
  });
});

describe('the dashboard', () => {
  interface Panel {
    readonly title: string;
    readonly type: string;
    readonly gridPos: { readonly x: number; readonly w: number };
    readonly targets?: readonly { readonly expr: string }[];
  }
  const text = readFileSync(join(chartDir, 'dashboards', 'evenkeel.json'), 'utf8');
  const { panels } = JSON.parse(text) as { panels: readonly Panel[] };

  it('asks for metrics that there are, and shows each of them', () => {
    const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(asked.flatMap(unknownIn)).toEqual([]);
    const shown = asked.join(' ');
    expect([...metrics].filter((name) => !shown.includes(name))).toEqual([]);
  });

  it('has panels that fit beside each other', () => {
    for (const { gridPos, title } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
    }
  });

  it('is rendered as it is', async () => {
    const [map] = ofKind(await render(), 'ConfigMap').filter(({ metadata }) =>
      metadata.name.endsWith('-dashboard'),
    );
    expect(at(map, 'metadata.labels.grafana_dashboard')).toBe('1');
    expect(JSON.parse(Object.values(at<Record<string, string>>(map, 'data'))[0] ?? '')).toEqual(
      JSON.parse(text),
    );
  });
});

// Owns: one Prometheus of a run: its configuration (which keeps the programs' own `service` and `instance`,
// as the chart's ServiceMonitor does), its targets, which may grow, and the two ways to ask it.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnGuarded } from '../../stack/guarded.js';
import { reservePorts } from '../../stack/ports.js';
import { findPrometheus } from '../../stack/prometheus.js';

const scrapeEveryS = 1;
const readyWithinMs = 60_000;
const answerWithinMs = 10_000;
const pollMs = 100;

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970 and value; NaN where there was none to compute. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Prometheus {
  /** Ports of 127.0.0.1 whose `/metrics` are read from now on. */
  scrape(ports: readonly number[]): void;
  instant(query: string): Promise<readonly Series[]>;
  range(
    query: string,
    when: { readonly fromS: number; readonly toS: number; readonly stepS: number },
  ): Promise<readonly Series[]>;
  stop(): Promise<void>;
}

export async function startPrometheus(
  directory: string,
  say: (line: string) => void,
): Promise<Prometheus> {
  const { prometheus } = await findPrometheus(say);
  mkdirSync(directory, { recursive: true });
  const targets = join(directory, 'targets.json');
  const config = {
    global: { scrape_interval: `${scrapeEveryS}s`, scrape_timeout: `${scrapeEveryS}s` },
    scrape_configs: [
      {
        job_name: 'evenkeel',
        honor_labels: true,
        file_sd_configs: [{ files: [targets], refresh_interval: '1s' }],
      },
    ],
  };
  const scrape = (ports: readonly number[]) => {
    const text = JSON.stringify([{ targets: ports.map((port) => `127.0.0.1:${port}`) }]);
    writeFileSync(`${targets}.new`, text);
    renameSync(`${targets}.new`, targets); // Never half a file.
  };
  scrape([]);
  const file = join(directory, 'prometheus.yml');
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML.
  const reservation = await reservePorts([0]);
  const url = `http://127.0.0.1:${reservation.ports[0] as number}`;
  const program = await spawnGuarded(
    'prometheus',
    prometheus,
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=${url.slice('http://'.length)}`,
    ],
    { logFile: join(directory, 'prometheus.log') },
  );
  const untilMs = performance.now() + readyWithinMs;
  while (!(await isReady(url))) {
    if (!program.isRunning() || performance.now() > untilMs) {
      await program.stop();
      throw new Error(`Prometheus did not start: see ${directory}/prometheus.log`);
    }
    await sleep(pollMs);
  }
  reservation.release();
  return {
    scrape,
    instant: (query) => ask(`${url}/api/v1/query`, { query }),
    range: (query, { fromS, toS, stepS }) =>
      ask(`${url}/api/v1/query_range`, {
        query,
        start: String(fromS),
        end: String(toS),
        step: String(stepS),
      }),
    stop: () => program.stop(),
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(answerWithinMs) })).ok;
  } catch {
    return false;
  }
}

type Point = readonly [number, string];

async function ask(url: string, parameters: Record<string, string>): Promise<readonly Series[]> {
  const answer = await fetch(`${url}?${new URLSearchParams(parameters).toString()}`, {
    signal: AbortSignal.timeout(answerWithinMs),
  });
  const { status, error, data } = (await answer.json()) as {
    status: string;
    error?: string;
    data?: { result: { metric: Record<string, string>; value?: Point; values?: Point[] }[] };
  };
  if (status !== 'success' || data === undefined) {
    throw new Error(`Prometheus refuses ${parameters['query'] ?? ''}: ${error ?? status}`);
  }
  return data.result.map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
    labels: metric,
    points: values.map(([atS, text]) => [atS, Number(text)] as const),
  }));
}

// Owns: one Prometheus of a local run: its configuration (which keeps the programs' own `service` and
// `instance`, as the chart's ServiceMonitor does) and its targets, which may grow.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnGuarded } from '../../stack/guarded.js';
import { reservePorts } from '../../stack/ports.js';
import { findPrometheus } from '../../stack/prometheus.js';
import { prometheusSource } from '../adapters/prometheus.js';
import type { TimeSeriesSource } from '../time-series-port.js';

const scrapeEveryS = 1;
const readyWithinMs = 60_000;
const answerWithinMs = 10_000;
const pollMs = 100;

export interface Prometheus {
  /** Ports of 127.0.0.1 whose `/metrics` are read from now on. */
  scrape(ports: readonly number[]): void;
  /** Without a slash at its end; for `PROMETHEUS_URL`. */
  readonly url: string;
  readonly source: TimeSeriesSource;
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
    url,
    source: prometheusSource({ url }),
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

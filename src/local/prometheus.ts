// Owns: one Prometheus of a local run: its configuration (which keeps the programs' own `service` and
// `instance`, as the chart's ServiceMonitor does) and its targets, which may grow.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnGuarded } from '../../stack/guarded.js';
import { reservePorts, type PortReservation } from '../../stack/ports.js';
import { run } from '../../stack/programs.js';
import { findPrometheus } from '../../stack/prometheus.js';
import type { ProcessesPlatform } from '../adapters/processes.js';
import { prometheusSource } from '../adapters/prometheus.js';
import type { TimeSeriesSource } from '../time-series-port.js';

const scrapeEveryS = 1;
const readyWithinMs = 60_000;
const answerWithinMs = 10_000;
const pollMs = 100;
const lookEveryMs = 500;
const backfillWithinMs = 120_000;

export interface Prometheus {
  /** Ports of 127.0.0.1 whose `/metrics` are read from now on. */
  scrape(ports: readonly number[]): void;
  /** Without a slash at its end; for `PROMETHEUS_URL`. */
  readonly url: string;
  readonly source: TimeSeriesSource;
  stop(): Promise<void>;
}

export interface PrometheusWish {
  /** Where it shall be, where that was said before it starts; any free port when absent. */
  readonly reserved?: PortReservation;
  /** What it has recorded already, as OpenMetrics with a time in every line; nothing when absent. */
  readonly history?: string;
}

export async function startPrometheus(
  directory: string,
  say: (line: string) => void,
  { reserved, history }: PrometheusWish = {},
): Promise<Prometheus> {
  const { prometheus, promtool } = await findPrometheus(say);
  mkdirSync(directory, { recursive: true });
  if (history !== undefined) await backfill(promtool, directory, history);
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
  const reservation = reserved ?? (await reservePorts([0]));
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

async function backfill(promtool: string, directory: string, history: string): Promise<void> {
  const file = join(directory, 'history.txt');
  writeFileSync(file, history);
  const args = ['tsdb', 'create-blocks-from', 'openmetrics', file, join(directory, 'data')];
  await run(promtool, args, { timeoutMs: backfillWithinMs });
}

/**
 * Has the instances of a service scraped as they come and go, until the answer is called: where a label
 * names one, it is the instance's own.
 */
export function scrapeInstances(
  { scrape }: Pick<Prometheus, 'scrape'>,
  of: {
    readonly service: string;
    readonly platform: Pick<ProcessesPlatform, 'observe'>;
    readonly logDir: string;
  },
): () => void {
  const { service, platform, logDir } = of;
  let scraped = '';
  const look = async (): Promise<void> => {
    const { instances } = await platform.observe(service);
    const ports = instances.flatMap(({ ordinal }) => probePortOf(logDir, service, ordinal) ?? []);
    if (ports.join() === scraped) return;
    scraped = ports.join();
    scrape(ports);
  };
  // A platform that does not answer just now is asked again.
  const timer = setInterval(() => void look().catch(() => undefined), lookEveryMs);
  return () => clearInterval(timer);
}

/** The supervisor chooses it, and the instance says it when it serves; undefined before. */
export function probePortOf(logDir: string, service: string, ordinal: number): number | undefined {
  const file = join(logDir, `${service}-${ordinal}.log`);
  if (!existsSync(file)) return undefined;
  const said = [...readFileSync(file, 'utf8').matchAll(/"probePort":(\d+)/g)].at(-1)?.[1];
  return said === undefined ? undefined : Number(said);
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(answerWithinMs) })).ok;
  } catch {
    return false;
  }
}

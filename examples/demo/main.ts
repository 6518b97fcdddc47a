// Owns: the demo as a program: start everything, play, report, end everything, whatever happens.
// `npm run demo` comes here.

import { setMaxListeners } from 'node:events';
import { setInterval } from 'node:timers';
import { reservePorts, type PortReservation } from '../../stack/ports.js';
import { publishEnv, startStack, type RunningStack } from '../../stack/start.js';
import { BadInputError } from '../../src/errors.js';
import { startCluster, type LocalCluster } from '../../src/local/cluster.js';
import type { Prometheus } from '../../src/local/prometheus.js';
import { newLogDir } from './logs.js';
import { nameSuffix } from './names.js';
import { readOptions, type DemoOptions } from './options.js';
import { play, type Play } from './play.js';
import { playForecast } from './play-forecast.js';
import { writeReport, type DemoReport, type Scenario } from './report.js';
import { createStory, type Story } from './story.js';
import type { Swarm } from '../../src/load/swarm.js';

/** An orderly end takes two seconds; what is left after this dies with the process. */
const endWithinMs = 15_000;
const interruptedCode = 130;

/** What runs, in the order of its start. */
interface Running {
  stack?: RunningStack;
  cluster?: LocalCluster;
  prometheus?: Prometheus;
  readonly swarms: Swarm[];
}

/** Runs the demo; resolves with its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'number') return options;
  const story = createStory(
    (text) => void process.stdout.write(text),
    () => performance.now(),
  );
  const running: Running = { swarms: [] };
  const interrupted = whenInterrupted();
  const ending = new AbortController();
  setMaxListeners(0, ending.signal); // Every wait of the play listens to it.
  // The parts that run hold nothing open in this process, and a wait for them must not end it.
  const alive = setInterval(() => undefined, 60_000);
  try {
    const played = runDemo(options, story, running, ending.signal);
    const code = await Promise.race([played, interrupted]);
    if (code === interruptedCode) story.say('Interrupted: ending everything.');
    return code;
  } catch (error) {
    story.say(`The demo cannot go on: ${sentenceOf(error)}`);
    return error instanceof BadInputError ? 2 : 1;
  } finally {
    ending.abort(); // Nobody asks Temporal any more while its connection is closed.
    await Promise.race([endAll(running), after(endWithinMs)]);
    clearInterval(alive);
  }

  async function after(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}

async function runDemo(
  options: DemoOptions,
  story: Story,
  running: Running,
  signal: AbortSignal,
): Promise<number> {
  const startedMs = performance.now();
  const scenarios: Scenario[] = [];
  const urls: Record<string, string> = {};
  const report = (failure?: string): DemoReport => ({
    ok: failure === undefined && scenarios.every(({ wrong }) => wrong.length === 0),
    scenarios,
    urls,
    durationMs: Math.round(performance.now() - startedMs),
    ...(failure === undefined ? {} : { failure }),
  });
  if (options.report !== undefined) writeReport(options.report, report('the demo has not ended'));
  try {
    // The worker is told where Prometheus will be before it is there.
    const prometheusAt = options.forecast ? await reservePorts([0]) : undefined;
    const cluster = await startAll(story, running, prometheusAt);
    const uiUrl = cluster.env['TEMPORAL_UI_URL'];
    if (uiUrl !== undefined) urls['temporalUi'] = uiUrl;
    const isAllOurs = Object.values(running.stack?.parts ?? {}).every(
      ({ origin }) => origin !== 'environment',
    );
    const suffix = isAllOurs ? '' : await nameSuffix(cluster);
    const all: Play = {
      cluster,
      story,
      signal,
      suffix,
      clients: options.clients,
      onScenario: (scenario) => void scenarios.push(scenario),
      onService: ({ service, directoryUrl, directoryKey }, swarm) => {
        running.swarms.push(swarm);
        urls[`${service}Directory`] = directoryUrl;
        if (running.swarms.length > 1) return;
        publishEnv({
          ...cluster.env,
          EVENKEEL_TASK_QUEUE: cluster.taskQueue,
          EVENKEEL_DIRECTORY_URL: directoryUrl,
          EVENKEEL_DIRECTORY_KEY: directoryKey,
        });
      },
    };
    const played =
      prometheusAt === undefined
        ? () => play(all)
        : () =>
            playForecast({
              ...all,
              prometheusAt,
              onPrometheus: (prometheus) => void (running.prometheus = prometheus),
            });
    await cluster.temporal.withAbortSignal(signal, played);
  } catch (error) {
    if (options.report !== undefined) writeReport(options.report, report(sentenceOf(error)));
    throw error;
  }
  const finished = report();
  if (options.report !== undefined) writeReport(options.report, finished);
  summarize(story, finished);
  if (options.stay) await stay(story, urls['temporalUi']);
  return finished.ok ? 0 : 1;
}

async function startAll(
  story: Story,
  running: Running,
  prometheusAt: PortReservation | undefined,
): Promise<LocalCluster> {
  story.chapter('Evenkeel demo: starting Temporal, Kafka and a MongoDB server');
  const stack = await startStack({ publish: true, onProgress: (line) => story.say(line) });
  running.stack = stack;
  const uiUrl = stack.env['TEMPORAL_UI_URL'];
  if (uiUrl !== undefined) story.say(`Temporal Web UI: ${uiUrl}`);
  const isOurs = stack.parts.temporal?.origin !== 'environment';
  const cluster = await startCluster({
    addresses:
      prometheusAt === undefined
        ? stack.env
        : { ...stack.env, PROMETHEUS_URL: `http://127.0.0.1:${prometheusAt.ports[0] ?? 0}` },
    logDir: newLogDir(),
    ...(isOurs ? {} : { taskQueue: `evenkeel-demo-${process.pid}` }),
  });
  running.cluster = cluster;
  await cluster.startWorker();
  story.say('Supervisor and worker are up.');
  return cluster;
}

function summarize(story: Story, report: DemoReport): void {
  story.chapter(report.ok ? 'all as promised' : 'NOT all as promised');
  story.table(
    report.scenarios.map((scenario) => ({ ...scenario, ok: scenario.wrong.length === 0 })),
  );
  for (const { name, wrong } of report.scenarios) {
    for (const sentence of wrong) story.plain(`${name}: ${sentence}`);
  }
}

async function stay(story: Story, uiUrl: string | undefined): Promise<void> {
  story.plain('');
  story.plain(`Everything stays up until Ctrl-C. Have a look, in another terminal:`);
  if (uiUrl !== undefined) story.plain(`  Temporal Web UI   ${uiUrl}`);
  story.plain('  the console       npm run -s evenkeel -- console');
  story.plain('  status            npm run -s evenkeel -- status');
  story.plain('  why, and again    npm run -s evenkeel -- explain --last 5m --rerun');
  story.plain('  all addresses     npm run -s stack -- env');
  await new Promise(() => undefined);
}

/** Clients first, so that nobody reconnects to what is ending. */
async function endAll({ swarms, cluster, prometheus, stack }: Running): Promise<void> {
  for (const swarm of swarms) swarm.stop();
  await cluster?.stop();
  await prometheus?.stop();
  await stack?.stop();
}

/** Resolves with the exit code of an interrupted run; a second signal ends the process at once. */
function whenInterrupted(): Promise<number> {
  return new Promise((resolve) => {
    let signals = 0;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        signals += 1;
        if (signals > 1) process.exit(interruptedCode);
        resolve(interruptedCode);
      });
    }
  });
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// Owns: the load generator as a program: find the directory, connect everybody, let them chat for a
// while, say what became of it, end everything. `npm run load` comes here.

import { setInterval } from 'node:timers';
import { errorText, exitCodeOf, processIo, widthOfIo } from '../cli/output.js';
import { startFleet, type Fleet, type FleetWindow } from './fleet.js';
import * as limits from './limits.js';
import { readOptions, type LoadOptions } from './options.js';
import { faultsOf, gapText, summaryText, writeReport, type LoadReport } from './summary.js';
import { findTarget, type Target } from './target.js';

const interruptedCode = 130;

/** Runs a load; resolves with the exit code. Never rejects. */
export async function main(argv: readonly string[]): Promise<number> {
  const running: { fleet?: Fleet } = {};
  const interruption = whenInterrupted();
  // Processes of ours hold nothing open here while they start.
  const alive = setInterval(() => undefined, 60_000);
  try {
    const options = readOptions(argv);
    if (typeof options === 'number') return options;
    return await load(options, running, interruption);
  } catch (error) {
    process.stderr.write(
      errorText(error, Boolean(process.env['EVENKEEL_DEBUG']), widthOfIo(processIo)),
    );
    return exitCodeOf(error);
  } finally {
    await running.fleet?.stop();
    interruption.forget();
    clearInterval(alive);
  }
}

async function load(
  options: LoadOptions,
  running: { fleet?: Fleet },
  interruption: Interruption,
): Promise<number> {
  const { clients, devices, processes, messagesPerSecond, json } = options;
  if (json !== undefined) writeReport(json, unfinished(options, '', 'the load has not ended'));
  const target = await findTarget(options, process.env);
  const { service, partitions, instances, directoryUrl } = target;
  say(`${service} at ${directoryUrl}: ${partitions} partitions on ${instances} instances`);
  try {
    const fleet = await startFleet({
      ...pick(target),
      prefix: `load-${Date.now().toString(36)}`,
      users: clients / devices,
      devices,
      processes,
      messagesPerSecond,
    });
    running.fleet = fleet;
    say(`${clients} clients connect, from ${processes} processes`);
    const joined = await Promise.race([fleet.joined().then(() => true), interruption.happened]);
    if (joined !== true) return interruptedCode;
    const { report, missing } = await chat(options, service, fleet, interruption);
    process.stdout.write(`${summaryText(report, missing)}\n`);
    if (json !== undefined) writeReport(json, report);
    if (report.interrupted) return interruptedCode;
    return report.ok ? 0 : 1;
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    if (json !== undefined) writeReport(json, unfinished(options, service, failure));
    throw error;
  }
}

async function chat(
  options: LoadOptions,
  service: string,
  fleet: Fleet,
  interruption: Interruption,
): Promise<{ report: LoadReport; missing: readonly string[] }> {
  const window = fleet.open();
  const beganMs = performance.now();
  const elapsed = (): number => Math.round((performance.now() - beganMs) / 100) / 10;
  say(`all are connected and chat for ${options.seconds} s`);
  const progress = setInterval(() => void tell(fleet, window, elapsed()), limits.progressEveryMs);
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, options.seconds * 1_000);
  });
  const how = await Promise.race([over, fleet.broken, interruption.happened]);
  clearTimeout(timer);
  clearInterval(progress);
  const seconds = elapsed();
  say('the chat has ended; waiting for what is under way');
  const { messages, planned, lost, missing } = await window.close();
  const { clients, processes } = options;
  const counts = { messages, missing: missing.length };
  const report: LoadReport = {
    ok: faultsOf(counts).length === 0,
    service,
    clients,
    processes,
    seconds,
    gapMs: planned,
    lostGapMs: lost,
    ...counts,
    ...(how === undefined ? {} : { interrupted: true }),
  };
  return { report, missing };
}

/** One line for a person who waits; nobody is held up by a process that is busy. */
async function tell(fleet: Fleet, window: FleetWindow, seconds: number): Promise<void> {
  const { sent, duplicated, outOfOrder } = window.counts();
  const wrong = `${duplicated} duplicated, ${outOfOrder} out of order`;
  const { planned, lost } = await fleet.report().catch(() => ({ planned: null, lost: null }));
  say(`${seconds} s: ${fleet.connected()} connected, ${sent} accepted, ${wrong}`);
  if (planned !== null && planned.n > 0) say(`  planned moves ${gapText(planned)}`);
  if (lost !== null && lost.n > 0) say(`  lost connections ${gapText(lost)}`);
}

function pick({ directoryUrl, directoryKey }: Target) {
  return { directoryUrl, directoryKey };
}

function unfinished(options: LoadOptions, service: string, failure: string): LoadReport {
  const { clients, processes } = options;
  const none = { n: 0, p50: 0, p99: 0, max: 0 };
  const messages = { sent: 0, delivered: 0, lost: 0, duplicated: 0, outOfOrder: 0, unanswered: 0 };
  const nothing = { seconds: 0, messages, gapMs: none, lostGapMs: none, missing: clients };
  return { ok: false, service, clients, processes, ...nothing, failure };
}

interface Interruption {
  readonly happened: Promise<'interrupted'>;
  forget(): void;
}

/** A second signal ends the process at once; its children die with it. */
function whenInterrupted(): Interruption {
  let hear: () => void = () => undefined;
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const happened = new Promise<'interrupted'>((resolve) => {
    let heard = 0;
    hear = () => {
      heard += 1;
      if (heard > 1) process.exit(interruptedCode);
      say('interrupted: ending the chat');
      resolve('interrupted');
    };
    for (const signal of signals) process.on(signal, hear);
  });
  return {
    happened,
    forget: () => {
      for (const signal of signals) process.off(signal, hear);
    },
  };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

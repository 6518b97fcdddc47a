// Runs the checks against a scene, in an order that each can rest on, and makes the report. First what a
// client sees, all at once; then what moves partitions; then what ends lives; at last what everybody heard.

import { Broken, Skipped, type Check, type CheckResult, type Need } from './check.js';
import { deliveryChecks } from './checks/delivery.js';
import { handOverChecks } from './checks/hand-over.js';
import { helloChecks } from './checks/hello.js';
import { lifeChecks, probes } from './checks/lives.js';
import { finalChecks, heartbeats, report } from './checks/logs.js';
import { moveChecks } from './checks/moves.js';
import { acquires, orderChecks } from './checks/orders.js';
import { parkingChecks } from './checks/parking.js';
import { rebalanceChecks } from './checks/rebalance.js';
import { floodChecks, settingsChecks } from './checks/refusals.js';
import { sendChecks } from './checks/sends.js';
import { waveChecks } from './checks/waves.js';
import { has, type Scene } from './scene.js';

export interface ConformanceReport {
  /** No check failed. */
  readonly ok: boolean;
  readonly instance: string;
  readonly checks: readonly CheckResult[];
}

/** Checks of one group run at once; groups one after the other. */
const groups: readonly (readonly Check[])[] = [
  [acquires],
  [...helloChecks, ...deliveryChecks, ...sendChecks, ...floodChecks, heartbeats, report, probes],
  ...[
    ...orderChecks,
    ...waveChecks,
    ...parkingChecks,
    ...moveChecks,
    ...handOverChecks,
    ...rebalanceChecks,
    ...lifeChecks,
    ...settingsChecks,
  ].map((check) => [check]),
  ...finalChecks.map((check) => [check]),
];

/** In the order in which they run. */
export const allChecks: readonly Check[] = groups.flat();

/** What is missing where a check is skipped. */
const lacks: Readonly<Record<Need, string>> = {
  keys: "needs the directory's private key: a service of the kit's own has one (--command)",
  control: "needs to be the control plane, which is for a service of the kit's own (--command)",
  program:
    "needs to start and end the program, which is for a service of the kit's own (--command)",
  'config-db': 'needs ConfigDB: MONGODB_URI',
  'another-instance': 'needs a partition that another instance holds',
  moves: 'needs the worker of a running service, and no --no-moves',
};

/** `only`: names of checks; the rest is left out. Never throws for what an instance does. */
export async function runChecks(
  scene: Scene,
  options: {
    readonly only?: ReadonlySet<string>;
    readonly onResult?: (result: CheckResult) => void;
    /** Aborted: no further check is begun, and nothing more is told. */
    readonly signal?: AbortSignal;
  } = {},
): Promise<ConformanceReport> {
  const { only, onResult, signal } = options;
  const checks: CheckResult[] = [];
  let nothingHeld = false;
  for (const group of groups) {
    if (signal?.aborted === true) break;
    // Whatever else is asked for rests on partitions that are held.
    const wanted = group.filter(
      (check) => only === undefined || only.has(check.name) || check === acquires,
    );
    const results = await Promise.all(
      wanted.map(async (check) => {
        const result = nothingHeld
          ? skipped(check, `the check ${acquires.name} failed`)
          : await carryOut(check, scene);
        if (signal?.aborted !== true) onResult?.(result);
        return result;
      }),
    );
    checks.push(...results);
    nothingHeld ||= results.some(
      ({ check, verdict }) => check === acquires.name && verdict === 'fail',
    );
  }
  const ok = checks.every(({ verdict }) => verdict !== 'fail');
  return { ok, instance: scene.instance, checks };
}

async function carryOut(check: Check, scene: Scene): Promise<CheckResult> {
  const { name, section, expected, of, needs = [] } = check;
  const base = { check: name, section, expected };
  if (of !== undefined && scene.without.has(of)) return skipped(check, `--without ${of}`);
  const missing = needs.find((need) => !has(scene, need));
  if (missing !== undefined) return skipped(check, lacks[missing]);
  try {
    return { ...base, verdict: 'pass', found: await check.run({ ...scene, check: name }) };
  } catch (error) {
    if (error instanceof Skipped) return skipped(check, error.message);
    if (error instanceof Broken) {
      return { ...base, ...error.rule, verdict: 'fail', found: error.message, mend: error.mend };
    }
    // Kafka or ConfigDB went away, or the kit is wrong: not a pass, and to be told apart.
    const found = `the check could not be carried out: ${error instanceof Error ? error.message : String(error)}`;
    return {
      ...base,
      verdict: 'fail',
      found,
      mend: 'see whether Kafka and ConfigDB answer, and run it again',
    };
  }
}

function skipped({ name, section, expected }: Check, found: string): CheckResult {
  return { check: name, verdict: 'skipped', found, expected, section };
}

// What an instance says of itself in ConfigDB, waited for: nothing that safety rests on, and the saga plans
// and moves by it. Where there is no ConfigDB nothing is waited for but a while.

import { must } from './check.js';
import { pause } from './connect.js';
import { quietMs, stepWithinMs } from './limits.js';
import { stageOf, type Scene } from './scene.js';

/** Says `prepare`, and waits for the answer where there is a ConfigDB to answer in. */
export async function warmed(scene: Scene, wanted: readonly number[]): Promise<void> {
  const rebalance = `kit-${scene.run}-${stageOf(scene).said().revision}`;
  await stageOf(scene).prepare(wanted, rebalance);
  const { configDb, service, instance } = scene;
  if (configDb === undefined) return;
  const untilMs = performance.now() + stepWithinMs;
  for (;;) {
    const answers = await configDb.warmed(service, rebalance);
    if (answers.some((answer) => answer.instance === instance)) return;
    must(
      performance.now() < untilMs,
      `prepare of ${rebalance} gives ${instance} a partition, and no document of it came to the collection warmed`,
      'when the log of each coming partition was read to its tail write who is warm, as which incarnation, for which rebalance, to the collection warmed',
    );
    await pause(quietMs / 10);
  }
}

/** Waits until a report says that a revision is striven for; without reports for a while. */
export async function applied(scene: Scene, revision: number): Promise<void> {
  const { configDb, service, instance } = scene;
  if (configDb === undefined) return pause(quietMs);
  const untilMs = performance.now() + stepWithinMs;
  for (;;) {
    const reports = await configDb.reports(service);
    const found = reports.find((report) => report.instance === instance)?.revision;
    if (found !== undefined && found >= revision) return;
    must(
      performance.now() < untilMs,
      `the report of ${instance} says revision ${found}, and ${revision} was said on the control topic ${stepWithinMs / 1000} s ago`,
      'report the highest revision that you strive for, at least every second: the saga waits for it',
    );
    await pause(quietMs / 10);
  }
}

/** The saga looks there for what it has to put in order. */
export async function reportsTakenBack(scene: Scene, partition: number): Promise<void> {
  const { configDb, service, instance } = scene;
  if (configDb === undefined) return;
  const untilMs = performance.now() + stepWithinMs;
  for (;;) {
    const report = (await configDb.reports(service)).find((one) => one.instance === instance);
    const named = report?.takenBack ?? [];
    if (named.some(([from, to]) => from <= partition && partition <= to)) return;
    must(
      performance.now() < untilMs,
      `partition ${partition} was taken back, and the report of ${instance} names as takenBack ${JSON.stringify(named)}`,
      'name in takenBack of your report, as ranges, what you took back, until it is resumed: the saga waits for nobody to come otherwise',
    );
    await pause(quietMs / 10);
  }
}

// What an instance says of itself in ConfigDB, waited for: nothing that safety rests on, and the saga plans
// and moves by it. Where there is no ConfigDB nothing is waited for but a while.

import type { InstanceReport } from '../ports.js';
import { must, type Rule } from './check.js';
import { pause } from './connect.js';
import { quietMs, stepWithinMs } from './limits.js';
import { stageOf, type Scene } from './scene.js';

const warming: Rule = {
  section: '10',
  expected:
    'Warming: who has read what prepare brings, from 120 s back to the end, inserts one document into warmed',
};
const reporting: Rule = {
  section: '10',
  expected:
    'Reports: revision is the one in force, takenBack what was taken back, every second and soon after a change',
};

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
      warming,
    );
    await pause(quietMs / 10);
  }
}

/** Waits until the report of the instance is so. Throws Broken with `found` of the last one when it never is. */
export async function reports(
  scene: Scene,
  isSo: (report: InstanceReport) => boolean,
  found: (report: InstanceReport | undefined) => string,
  mend: string,
  rule?: Rule,
): Promise<void> {
  const { configDb, service, instance } = scene;
  if (configDb === undefined) return pause(quietMs);
  const untilMs = performance.now() + stepWithinMs;
  for (;;) {
    const report = (await configDb.reports(service)).find((one) => one.instance === instance);
    if (report !== undefined && isSo(report)) return;
    must(performance.now() < untilMs, found(report), mend, rule);
    await pause(quietMs / 10);
  }
}

/** Waits until a report says that a revision is striven for. */
export const applied = (scene: Scene, revision: number): Promise<void> =>
  reports(
    scene,
    (report) => report.revision >= revision,
    (report) =>
      `the report of ${scene.instance} says revision ${report?.revision}, and ${revision} was said on the control topic ${stepWithinMs / 1000} s ago`,
    'report the highest revision that you strive for, at least every second: the saga waits for it',
    reporting,
  );

/** The saga looks there for what it has to put in order. */
export const reportsTakenBack = (scene: Scene, partition: number): Promise<void> =>
  reports(
    scene,
    ({ takenBack }) => takenBack.some(([from, to]) => from <= partition && partition <= to),
    (report) =>
      `partition ${partition} was taken back, and the report of ${scene.instance} names as takenBack ${JSON.stringify(report?.takenBack ?? [])}`,
    'name in takenBack of your report, as ranges, what you took back, until it is resumed: the saga waits for nobody to come otherwise',
    reporting,
  );

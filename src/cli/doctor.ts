// `evenkeel doctor SERVICE`: looks at everything that a service rests on and says what is wrong and
// how to mend it. Reads only.

import { Command } from 'commander';
import { runCommand } from './command.js';
import { allSettings, withSettings, type CliContext } from './context.js';
import { checkConnections } from './doctor/connections.js';
import { examine } from './doctor/examine.js';
import type { Finding, Verdict } from './doctor/finding.js';
import { serviceOf, withService, type ServiceOptions } from './service-argument.js';
import { taskQueueOption } from './temporal.js';

interface DoctorOptions extends ServiceOptions {
  readonly taskQueue: string;
}

export function doctorCommand(): Command {
  const command = withService(new Command('doctor'))
    .description('look at everything a service rests on and say how to mend what is wrong')
    .addOption(taskQueueOption());
  withSettings(command, allSettings);
  return command.action(
    runCommand<DoctorOptions>(async ({ options, args, context, progress }) => {
      const service = serviceOf('doctor', args, options);
      progress(`looking at ${service}; listening to its leases takes a few seconds …`);
      const findings = await examine({
        service,
        taskQueue: options.taskQueue,
        temporal: () => context.temporal(),
        configDb: () => context.configDb(),
        bus: () => context.bus(),
        topicSettings: (topics) => context.topicSettings(topics),
        platform: () => platformOf(context),
        timeSeries: () => context.timeSeries(),
        connections: () => checkConnections(context.connections, Date.now()),
        kubernetes: () => context.kubernetes(),
        nowMs: Date.now(),
      });
      const faults = findings.filter(({ verdict }) => verdict === 'fault').length;
      return {
        json: { service, ok: faults === 0, findings },
        text: doctorText(service, findings),
        exitCode: faults === 0 ? 0 : 1,
      };
    }),
  );
}

async function platformOf(context: CliContext) {
  if (!(await context.knowsPlatform())) return null;
  return context.platform();
}

const marks: Readonly<Record<Verdict, string>> = {
  ok: '✓',
  warning: '!',
  fault: '✗',
  unknown: '?',
};

/** Most names of checks are no longer; where one is, all stand as far to the right. */
const checkWidthMin = 18;

/** Sentences have an arrow; a command that is to be copied stands below its sentence. */
function mendLine(line: string): string {
  return line.startsWith(' ') ? `    ${line}` : `    → ${line}`;
}

/** A line for each finding, and how to mend it below; the verdict last. */
export function doctorText(service: string, findings: readonly Finding[]): string {
  const checkWidth = Math.max(checkWidthMin, ...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, verdict, found, mend }) => [
    `${marks[verdict]} ${check.padEnd(checkWidth)} ${found}`,
    ...(mend === null ? [] : mend.split('\n').map(mendLine)),
  ]);
  const count = (verdict: Verdict) => findings.filter((one) => one.verdict === verdict).length;
  const [faults, warnings] = [count('fault'), count('warning')];
  const verdict =
    faults + warnings === 0
      ? `${service} is well`
      : `${service}: ${faults} faults, ${warnings} warnings`;
  return [...lines, verdict].join('\n');
}

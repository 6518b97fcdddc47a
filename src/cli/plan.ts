// `evenkeel plan --input FILE`: plans a distribution offline and prints it. Talks to no service.
import { Command } from 'commander';
import { PlanInputError } from '../core/placement/check.js';
import { formatPlan } from '../core/placement/format.js';
import { planDistribution } from '../core/placement/plan.js';
import type { Plan, PlanInput } from '../core/placement/types.js';
import { BadInputError } from '../errors.js';
import { runCommand } from './command.js';
import { parsePlanInput, readPlanInput } from './plan-input.js';

/** The command; wrong input is a BadInputError, and then nothing is printed. */
export function planCommand(): Command {
  return new Command('plan')
    .description('compute who shall own which partition ranges, offline, and prove what it moves')
    .option('--input <file>', 'the plan input as JSON (- for standard input)')
    .action(
      runCommand<{ input?: string }>(async ({ options, progress }) => {
        if (options.input === undefined) {
          throw new BadInputError('plan needs --input FILE', {
            field: '--input',
            found: 'nothing',
            allowed: 'a file, or - for standard input',
          });
        }
        const input = parsePlanInput(await readPlanInput(options.input), (fields) =>
          progress(`ignored, not a field of a plan: ${fields.join(', ')}`),
        );
        const { plan, elapsedMs } = timedPlan(input);
        return {
          json: { ...plan, elapsedMs },
          text: `${formatPlan(plan, input)}\nplanned in ${elapsedMs} ms`,
        };
      }),
    );
}

/** The plan and how long it took, in ms to the microsecond. @throws BadInputError */
export function timedPlan(input: PlanInput): { plan: Plan; elapsedMs: number } {
  const startedMs = performance.now();
  try {
    const plan = planDistribution(input);
    return { plan, elapsedMs: Math.round((performance.now() - startedMs) * 1000) / 1000 };
  } catch (cause) {
    if (!(cause instanceof PlanInputError)) throw cause;
    const { field, found, allowed } = cause;
    throw new BadInputError(cause.message, { field, found, allowed, cause });
  }
}

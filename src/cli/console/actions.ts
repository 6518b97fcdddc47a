// Owns: what the console's buttons do: the same as the commands, with the name of whoever has logged in,
// and what those would have said. Never fails: a refusal and a fault are answers.

import { abortUpdate, approveUpdate, rejectUpdate } from '../../../workflows/messages.js';
import type { ActionAnswer, ActionName, ActionWish } from '../../console/picture.js';
import { ask, askedBy } from '../ask.js';
import type { CommandResult } from '../command.js';
import type { CliContext } from '../context.js';
import { sayWord } from '../operator-word.js';
import { errorJson } from '../output.js';
import { switchSchedule } from '../schedule-switch.js';

/** As `evenkeel rebalance` says it. */
const reasonAbsent = 'asked for by hand';

export function actionsOf(
  context: CliContext,
  taskQueue: string,
): (name: ActionName, wish: ActionWish, by: string) => Promise<ActionAnswer> {
  return async (name, wish, by) => {
    try {
      const { text, exitCode = 0 } = await act(context, taskQueue, name, wish, by);
      return { ok: exitCode === 0, text };
    } catch (error) {
      return { ok: false, text: errorJson(error).error.message };
    }
  };
}

async function act(
  context: CliContext,
  taskQueue: string,
  name: ActionName,
  { service, reason: said, instances, plan }: ActionWish,
  by: string,
): Promise<CommandResult> {
  const reason = said === '' ? undefined : said;
  const word = { by, reason, plan };
  switch (name) {
    case 'force': {
      const asking = { reason: reason ?? reasonAbsent, by, taskQueue };
      const request = askedBy(asking);
      const wish = instances === undefined ? request : { ...request, instances };
      return ask({ context, progress: () => undefined }, service, wish, asking);
    }
    case 'approve':
      return sayWord(await context.temporal(), service, {
        ...{ update: approveUpdate, about: 'plan' as const, ...word },
      });
    case 'reject':
      return sayWord(await context.temporal(), service, {
        ...{ update: rejectUpdate, about: 'plan' as const, ...word },
      });
    case 'abort':
      return sayWord(await context.temporal(), service, {
        ...{ update: abortUpdate, about: 'request' as const, ...word },
      });
    case 'pause':
    case 'resume':
      return switchSchedule(await context.temporal(), service, {
        ...{ paused: name === 'pause', by, reason },
      });
  }
}

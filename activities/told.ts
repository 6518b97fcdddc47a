// Owns: what the instances were told last, read from the end of the control topic: a memory of the
// control plane beside ConfigDB, kept for ever. Reads only.

import { Goals, type Goal } from '../src/core/handover/goal.js';
import { readControlMessage } from '../src/core/handover/goal-reading.js';
import { parseObject } from '../src/core/handover/ownership-log.js';
import type { ControlMessage } from '../src/core/records.js';
import type { Numbers } from '../src/core/saga/forgotten.js';
import { topicsOf } from '../src/logs/topics.js';
import type { Bus } from '../src/ports.js';

/** Messages read at a time, from the end: a saga says some five, each with all ranges and addresses. */
const messagesPerRead = 64;

export interface Told {
  /** What they strive for, as they themselves read it; null when they were told nothing. */
  readonly goal: Goal | null;
  /** Highest numbers of the messages that were looked at, prepared ones among them. */
  readonly said: Numbers;
}

export async function lastTold({ bus }: { readonly bus: Bus }, service: string): Promise<Told> {
  const { control } = topicsOf(service);
  const [bounds] = await bus.bounds(control, [0]);
  const low = bounds?.low ?? 0;
  let messages: ControlMessage[] = [];
  let to = bounds?.high ?? 0;
  while (to > low && !messages.some(({ type }) => type === 'distribution')) {
    const from = Math.max(low, to - messagesPerRead);
    const records = await bus.readRange(control, 0, from, to, messagesPerRead);
    messages = [...records.flatMap(({ value }) => messageIn(value)), ...messages];
    to = from;
  }
  const goals = new Goals();
  for (const message of messages) goals.read(message);
  const highest = (of: (message: ControlMessage) => number) =>
    messages.reduce((most, message) => Math.max(most, of(message)), 0);
  return {
    goal: goals.target,
    said: { revision: highest(({ revision }) => revision), epoch: highest(({ epoch }) => epoch) },
  };
}

function messageIn(value: string | null): ControlMessage[] {
  const message = readControlMessage(parseObject(value));
  return typeof message === 'string' ? [] : [message];
}

/** P by the ranges of a goal. */
export function partitionsIn({ ranges }: Pick<Goal, 'ranges'>): number {
  return (ranges.at(-1)?.[1] ?? -1) + 1;
}

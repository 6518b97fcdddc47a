// Owns: asking several backing services at once so that one which does not answer hides none of the
// others: its part of the picture is missing, and one line says why. Settings that are wrong are an error.

import { BadInputError } from '../../errors.js';

/** Longer than each adapter takes to say that nobody is there; what froze says nothing at all. */
const answerWithinMs = 20_000;

export type Asked = 'ConfigDB' | 'Temporal' | 'the platform' | 'Kafka';

/** What did not answer, and why: a sentence. */
export interface Away {
  readonly what: Asked;
  readonly why: string;
}

export interface Questions {
  /** Once each, in the order in which they were found to be away. */
  readonly away: readonly Away[];
  /** The answer, null when there is none. @throws BadInputError as the question does */
  readonly ask: <T>(what: Asked, question: () => Promise<T>) => Promise<T | null>;
}

export function openQuestions(withinMs = answerWithinMs): Questions {
  const away: Away[] = [];
  return {
    away,
    ask: async (what, question) => {
      try {
        return await within(withinMs, question(), `${what} did not answer within ${withinMs} ms`);
      } catch (error) {
        if (error instanceof BadInputError) throw error;
        const why = error instanceof Error ? error.message : String(error);
        if (away.every((one) => one.what !== what)) away.push({ what, why: firstLine(why) });
        return null;
      }
    },
  };
}

async function within<T>(ms: number, answer: Promise<T>, why: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(why)), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

const firstLine = (text: string): string => text.split('\n')[0] ?? text;

const missing: Readonly<Record<Asked, string>> = {
  ConfigDB: 'what shall be, clients and decisions are not shown',
  Temporal: 'what is under way is not shown',
  'the platform': 'instances are shown by their own reports',
  Kafka: 'who holds what is not shown',
};

/** One line: what is away, what is missing for it, and why. */
export const awayText = ({ what, why }: Away): string =>
  `! ${what} does not answer, so ${missing[what]}: ${why}`;

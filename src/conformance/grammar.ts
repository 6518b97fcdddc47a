// Judges everything that every client of a run has heard: order of frames, order of offsets, close codes.
// Pure: lines in, complaints out.

import { frameMaxBytes } from '../limits.js';
import { disconnectCloseCodes, errorCloseCodes, redirectCloseCode } from '../server/close-codes.js';
import { heardWords, type Frame, type Line } from './line.js';

export interface Complaint {
  readonly about: 'frames' | 'order' | 'closing';
  readonly found: string;
  readonly mend: string;
}

const beforeWelcome = ['welcome', 'redirect', 'error', 'disconnect'];
const last = ['disconnect', 'redirect', 'error'];

export const fencedMend =
  'a fenced instance says error unavailable to every client, closes with 4503, and ends only when that is written';

/** Of all lines, in the order of their opening. */
export function judge(lines: readonly Line[]): readonly Complaint[] {
  return lines.flatMap((line) => [...framesOf(line), ...orderOf(line), ...closingOf(line)]);
}

function framesOf(line: Line): Complaint[] {
  const { label } = line;
  return line.heard.flatMap(({ frame, text }): Complaint[] => {
    if (frame === null) {
      const found = `${label} was sent ${JSON.stringify(text.slice(0, 60))}`;
      return [{ about: 'frames', found, mend: 'send one JSON object with a type per text frame' }];
    }
    if (Buffer.byteLength(text) > frameMaxBytes) {
      const found = `${label} was sent a ${frame.type} of ${Buffer.byteLength(text)} bytes`;
      return [{ about: 'frames', found, mend: 'send no frame above 65,536 bytes' }];
    }
    const wrong = wrongFields(frame);
    return wrong.length === 0
      ? []
      : [
          {
            about: 'frames',
            found: `${label} was sent a ${frame.type} in which ${wrong.join(' and ')} is wrong: ${text.slice(0, 160)}`,
            mend: 'fill every field as the tables of section 2 have it; offsets are strings of digits',
          },
        ];
  });
}

const isOffset = (value: unknown): boolean => typeof value === 'string' && /^\d+$/.test(value);
const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** Fields that a type must have; a type that is not here is of a later version and ignored. */
const shapes: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  welcome: {
    instance: isText,
    revision: isWhole,
    partition: isWhole,
    next: isOffset,
    aliveEveryMs: isWhole,
    truncated: (value) => typeof value === 'boolean',
  },
  message: { offset: isOffset },
  accepted: { id: isText, partition: isWhole, offset: isOffset },
  alive: { next: isOffset, suspended: (value) => typeof value === 'boolean' },
  redirect: { url: isText, revision: isWhole },
  error: { code: isText, message: (value) => typeof value === 'string' },
  disconnect: {
    reason: (value) => ['moved', 'leaving', 'replaced'].includes(value as string),
    next: (value) => value === undefined || isOffset(value),
    revision: isWhole,
    delayMs: isWhole,
  },
};

function wrongFields(frame: Frame): string[] {
  const shape = Object.entries(shapes[frame.type] ?? {});
  const wrong = shape.filter(([field, isRight]) => !isRight(frame[field])).map(([field]) => field);
  const wantsUrl = frame.type === 'disconnect' && frame['reason'] === 'moved';
  return wantsUrl && !isText(frame['url']) ? [...wrong, 'url'] : wrong;
}

function orderOf(line: Line): Complaint[] {
  const frames = line.heard.flatMap(({ frame }) => (frame === null ? [] : [frame]));
  const complaints: Complaint[] = [];
  const complain = (found: string, mend: string): void =>
    void complaints.push({ about: 'order', found: `${line.label}: ${found}`, mend });
  let welcomed = false;
  let ending: string | null = null;
  let next = -1;
  let toldBy = 'welcome';
  for (const frame of frames) {
    if (ending !== null) {
      complain(
        `after ${ending} came ${frame.type}`,
        `send nothing after ${ending}: the client has gone to another instance by then`,
      );
    }
    if (!welcomed && !beforeWelcome.includes(frame.type)) {
      complain(
        `${frame.type} came before welcome`,
        'say nothing to a client that is not welcomed: it is parked and not connected',
      );
    }
    if (last.includes(frame.type)) ending = frame.type;
    if (frame.type === 'welcome') {
      if (welcomed) complain('a second welcome came', 'welcome a client once per connection');
      welcomed = true;
      [next, toldBy] = [Number(frame['next']), 'welcome'];
    }
    if (frame.type === 'message') {
      const offset = Number(frame['offset']);
      if (offset < next) {
        complain(
          toldBy === 'message'
            ? `message ${offset} came when ${next} was next: a message twice, or out of order`
            : `message ${offset} came after ${toldBy} had said next ${next}: who lost the connection in between would never get it`,
          toldBy === 'message'
            ? 'deliver in offset order from the next of the hello, each message once per connection, also right after a resume'
            : `say in ${toldBy} no next beyond what you have delivered: a client takes it for what it has seen`,
        );
      }
      if (offset >= next) [next, toldBy] = [offset + 1, 'message'];
    }
    if (frame.type === 'alive' && Number(frame['next']) > next) {
      [next, toldBy] = [Number(frame['next']), 'alive'];
    }
  }
  return complaints.slice(0, 1);
}

function closingOf(line: Line): Complaint[] {
  const end = line.end();
  if (end === null || line.isExcused()) return [];
  const frame = line.heard.at(-1)?.frame ?? null;
  const said = line.said.at(-1) as { readonly type?: unknown } | undefined;
  const isBye = said?.type === 'bye' && end.code === 1000;
  // 1009 is what the library refused before anybody could speak.
  if (isBye || end.code === 1009) return [];
  const wanted = frame === null ? undefined : closeCodeOf(frame);
  if (end.code === wanted) return [];
  const isTold = frame !== null && last.includes(frame.type);
  return [
    {
      about: 'closing',
      found: `${line.label}: ${heardWords(line)}`,
      mend: isTold
        ? `close with the code that section 2 has for the frame${wanted === undefined ? ', which has one of the codes there' : `: ${wanted}`}`
        : line.wasFenced()
          ? fencedMend
          : 'before you close a socket say why: disconnect, redirect or error; without one the client takes it for a lost connection',
    },
  ];
}

/** What closes a socket after a frame; undefined for one that ends nothing, and for a code that is none. */
export function closeCodeOf(frame: Frame): number | undefined {
  const of = (codes: Readonly<Record<string, number>>, key: unknown): number | undefined =>
    typeof key === 'string' && Object.hasOwn(codes, key) ? codes[key] : undefined;
  switch (frame.type) {
    case 'disconnect':
      return of(disconnectCloseCodes, frame['reason']);
    case 'redirect':
      return redirectCloseCode;
    case 'error':
      return of(errorCloseCodes, frame['code']);
    default:
      return undefined;
  }
}

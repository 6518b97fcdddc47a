// What a service that embeds the instance library does wrong, found while it runs: one sentence each that
// says what to change. Owns the sentences, and how often each is said; finds nothing by itself.

import { closeForgottenMs, frameMaxBytes, mistakeLogEveryMs } from '../limits.js';

const sentences = {
  'close-not-told':
    `a client was told to go more than ${closeForgottenMs} ms ago and \`closed\` was not called for it: call ` +
    "`instance.closed(connection, reason)` in the socket's `close` event, and terminate a socket that does not " +
    'close by itself; until then nobody else can have the partition, and its clients wait',
  'closed-twice':
    '`closed` was called for a connection that was not admitted or is closed already: call it once for each ' +
    "`admit`, and only from the socket's `close` event",
  'admitted-twice':
    'a connection was admitted a second time: make a new connection object for each socket, and call `admit` once, ' +
    'after its hello',
  'partition-of-another':
    "a client was admitted with a partition that is not its user's: take the partition from the verified token, or " +
    'compute it with `partitionOf(user, partitions)`, never with a hash of your own',
  'spoke-unheld':
    'a frame for a client was not written, because this instance does not hold its partition just now (or has lost ' +
    'its lease, or the client is gone): ask `client.maySpeak()` right before, and when it says no keep the frame, ' +
    'call `client.stalled()` and go on in `resume`',
  'published-unheld':
    'a record was not published, because this instance does not hold the partition of the client that it is for: ' +
    'ask `client.maySpeak()` right before, not before an `await`',
  'protocol-frame':
    'a frame for a client was not written, because it is not a JSON object whose `type` is a name of your own: ' +
    'welcome, alive, disconnect, redirect and error are said by the library',
  'frame-too-large': `a frame for a client was not written, because it has more than ${frameMaxBytes} bytes: send less, or in parts`,
  'hook-threw':
    'a hook of the service threw: catch what may fail in it; of a client that was concerned the connection is closed ' +
    'with `unavailable`, a record is passed over',
  'event-loop-blocked':
    'the event loop stood still for longer than a lease may be renewed late, so the instance fell silent: move long ' +
    'work into a worker thread, or do it in parts with `await` between them',
  'same-ordinal':
    'another process runs with the name of this instance, and the two fence each other: give each instance an ' +
    'ordinal of its own (EVENKEEL_INSTANCE), and let one platform start them',
} as const satisfies Readonly<Record<string, string>>;

export type MistakeKind = keyof typeof sentences;
export const mistakeKinds = Object.keys(sentences) as readonly MistakeKind[];

/** Figures and names that help to find the place; never a token, a body or a user's name. */
export type MistakeDetail = Readonly<Record<string, string | number>>;
export type OnMistake = (kind: MistakeKind, detail?: MistakeDetail) => void;

export function sentenceOf(kind: MistakeKind): string {
  return sentences[kind];
}

/** Counts each, and says the first of a kind, then at most one a minute. */
export function createMistakeNotes(options: {
  readonly nowMs: () => number;
  readonly say: (detail: MistakeDetail) => void;
  readonly count?: OnMistake | undefined;
}): OnMistake {
  const kinds = new Map<MistakeKind, { readonly saidAtMs: number; unsaid: number }>();
  return (mistake, detail) => {
    options.count?.(mistake, detail);
    const known = kinds.get(mistake);
    const nowMs = options.nowMs();
    if (known !== undefined && nowMs - known.saidAtMs < mistakeLogEveryMs) {
      known.unsaid += 1;
      return;
    }
    kinds.set(mistake, { saidAtMs: nowMs, unsaid: 0 });
    options.say({
      mistake,
      text: sentences[mistake],
      ...detail,
      unsaidBefore: known?.unsaid ?? 0,
    });
  };
}

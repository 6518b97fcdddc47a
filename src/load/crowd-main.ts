// One process of the load generator: a crowd that does what its parent says and tells what it sees. It
// ends when its parent does, and leaves Ctrl-C to it. Started by crowd-process.ts only.

import { hrtime } from 'node:process';
import type { FinishedMove } from '../core/handover/client-types.js';
import { createCrowd, type Crowd, type Person } from './crowd.js';
import type { CrowdReport, CrowdStart, Order, Seen, Word } from './crowd-messages.js';
import { createGapHistogram } from './gaps.js';
import { contactsMax, presentEveryMs, tellEveryMs } from './limits.js';
import type { ChatMessage } from './message-body.js';
import { createSockets, type Sockets } from './sockets.js';

const gaps = {
  planned: createGapHistogram(),
  lost: createGapHistogram(),
  sinceMark: createGapHistogram(),
};
const movedTo = new Map<number, number>();
let hadAtMark = new Map<string, number>();
let markedAtMs = monotonicMs();
let seen: Seen[] = [];
let crowd: Crowd | undefined;
let sockets: Sockets | undefined;

function tell(word: Word): void {
  if (process.connected) process.send?.(word);
}

function start(options: CrowdStart): void {
  const { directoryUrl, directoryKey, prefix, users, devices, index, of, messagesPerSecond } =
    options;
  const watched = createSockets(options.via);
  const userAt = (at: number): string => `${prefix}-${(at % users) + 1}`;
  const placeOf = new Map<string, number>();
  const people: Person[] = [];
  for (let at = index; at < users; at += of) {
    placeOf.set(userAt(at), at);
    for (let device = 0; device < devices; device += 1) people.push({ user: userAt(at), device });
  }
  const note =
    (what: 'sending' | 'accepted' | 'unanswered') =>
    ({ window, from, to, number }: ChatMessage) =>
      void seen.push([what, window, from, to, number]);
  const opened = createCrowd({
    directoryUrl,
    directoryKey,
    messagesPerSecond,
    socketOf: ({ user, device }) => watched.openFor(user, device),
    recipientOf: (user) => {
      const step = 1 + Math.floor(Math.random() * Math.min(contactsMax, users - 1));
      return users < 2 ? undefined : userAt((placeOf.get(user) ?? 0) + step);
    },
    events: {
      sending: note('sending'),
      accepted: note('accepted'),
      unanswered: note('unanswered'),
      arrived: ({ window, from, to, number }, device) =>
        void seen.push(['arrived', window, from, to, number, device]),
      moved: (_member, move) => moved(move),
    },
  });
  crowd = opened;
  sockets = watched;
  void opened.join(people);
  setInterval(flush, tellEveryMs);
  setInterval(present, presentEveryMs);
}

function moved({ planned, gapMs, revision }: FinishedMove): void {
  (planned ? gaps.planned : gaps.lost).record(gapMs);
  gaps.sinceMark.record(monotonicMs() - markedAtMs);
  if (planned) movedTo.set(revision, (movedTo.get(revision) ?? 0) + 1);
}

function mark(atMs: number): void {
  markedAtMs = atMs;
  for (const histogram of Object.values(gaps)) histogram.reset();
  movedTo.clear();
  sockets?.mark();
  hadAtMark = new Map();
  for (const { client } of crowd?.members ?? []) {
    const instance = client.phase() === 'welcomed' ? client.instance() : null;
    if (instance !== null) hadAtMark.set(instance, (hadAtMark.get(instance) ?? 0) + 1);
  }
}

/** Everything seen so far is with the parent before a report is. */
function flush(): void {
  if (seen.length === 0) return;
  tell({ kind: 'saw', seen });
  seen = [];
}

function present(): void {
  tell({ kind: 'present', connected: crowd?.connected() ?? 0 });
}

function report(): CrowdReport {
  const missing = (crowd?.members ?? []).filter(({ client }) => client.phase() !== 'welcomed');
  return {
    planned: gaps.planned.encode(),
    lost: gaps.lost.encode(),
    sinceMark: gaps.sinceMark.encode(),
    movedTo: [...movedTo],
    hadAtMark: [...hadAtMark],
    missing: missing.map(({ user, client }) => `${user} (${client.phase()})`),
    steps: sockets?.steps() ?? [],
    lastWords: sockets?.lastWords() ?? [],
  };
}

/** The machine's, the same in all processes. */
function monotonicMs(): number {
  return Number(hrtime.bigint()) / 1e6;
}

function obey(order: Order): void {
  switch (order.kind) {
    case 'start':
      return start(order.start);
    case 'chat':
      return crowd?.chat(order.window);
    case 'mark':
      return mark(order.atMs);
    case 'report':
      flush();
      present();
      return tell({ kind: 'report', ask: order.ask, report: report() });
    case 'stop':
      crowd?.stop();
      process.disconnect();
  }
}

for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (order) => obey(order as Order));
tell({ kind: 'ready' });

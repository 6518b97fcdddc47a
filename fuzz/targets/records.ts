// Records of the logs and of the control topic against the parsers and the state machines of one
// instance (A1 of messaging-0), and the instance's reading of the ownership log against the independent
// one of the evidence check: both must judge every record alike. An input is a list of `what text`.

import { checkTiling } from '../../src/core/distribution.js';
import { Connections } from '../../src/core/handover/connections.js';
import { parseControlMessage } from '../../src/core/handover/goal.js';
import { HandOver } from '../../src/core/handover/hand-over.js';
import { Lease, parseLeaseRecord } from '../../src/core/handover/lease.js';
import {
  OwnershipLog,
  parseObject,
  parseOwnershipRecord,
} from '../../src/core/handover/ownership-log.js';
import { readSnapshot } from '../../src/core/handover/ownership-snapshot.js';
import type { Action } from '../../src/core/handover/phase.js';
import { replayOwnership } from '../../src/core/evidence/ownership-replay.js';
import { readOwnership } from '../../src/core/evidence/read-value.js';
import * as limits from '../../src/limits.js';
import { mutated } from '../mutate.js';
import type { Random } from '../random.js';
import { expectThat, type Target } from '../target.js';
import { controlOf, leaseOf, ownershipOf } from './samples.js';

const partitions = 8;
const self = { service: 'messaging', ordinal: 0, incarnation: 'A1', url: 'ws://a' };
const leaseLimits = { ttlMs: limits.leaseTtlMs, lapseMaxMs: limits.leaseLapseMaxMs };
/** Own records of one execution that are written at once; more means that it goes round in circles. */
const ownRecordsMax = 500;

export async function openRecords(): Promise<Target> {
  return { name: 'records', generate, execute, close: async () => undefined };
}

function generate(random: Random): readonly string[] {
  const steps: string[] = [];
  for (let n = 2 + random.below(40); n > 0; n -= 1) {
    const what = random.below(10);
    // Own appends stand between: a guess of the last offset often fits.
    const prev = String(Math.max(0, steps.length - random.below(4)));
    if (what < 5) steps.push(`own ${mutated(JSON.stringify(ownershipOf(random, prev)), random)}`);
    else if (what < 7)
      steps.push(`control ${mutated(JSON.stringify(controlOf(random, partitions)), random)}`);
    else if (what < 8) steps.push(`lease ${mutated(JSON.stringify(leaseOf(random)), random)}`);
    else if (what < 9) steps.push(`tick ${random.below(3_000)}`);
    else
      steps.push(random.pick(['beat', 'warm', 'client 0', 'client 3', 'drop', 'leave', 'restart']));
  }
  return steps;
}

function execute(steps: readonly string[]): void {
  const world = createWorld();
  for (const step of steps) {
    const [, what = '', text = ''] = /^(\S+) ?([^]*)$/.exec(step) ?? [];
    world.step(what, text);
    world.check();
  }
}

function createWorld() {
  let log = new OwnershipLog(partitions);
  const replay = replayOwnership(0);
  const connections = new Connections(limits);
  const lease = new Lease('messaging-0', self.incarnation, leaseLimits);
  const views = { log, clientsOf: (p: number) => connections.clientsOf(p), positionOf: () => 0 };
  const handOver = new HandOver(self, views, {
    ...{ takeBackAfterMs: limits.takeBackAfterMs, repeatAfterMs: limits.repeatAppendAfterMs },
  });
  let nowMs = 1_000;
  let offset = 0;
  let clients = 0;
  let epoch = 0;
  let lastBeatMs = -Infinity;
  let fencedLease = false;
  const own: string[] = [];

  const act = (actions: readonly Action[]): void => {
    for (const action of actions) {
      if (action.kind === 'append')
        own.push(...action.records.map((record) => JSON.stringify(record)));
      if (action.kind === 'drain') drain(action.partitions, action);
      if (action.kind === 'serve') for (const p of action.partitions) connections.serve(p, 1);
      if (action.kind === 'warm') act(handOver.onWarmed(action.partitions, nowMs));
    }
  };
  const drain = (list: readonly number[], notice: Action & { kind: 'drain' }): void => {
    for (const done of connections.drain(list, notice)) {
      if (done.kind === 'drained') act(handOver.onDrained(done.partition, nowMs));
    }
  };
  const append = (text: string): void => {
    const record = parseOwnershipRecord(text);
    const verdict = log.apply(record, offset);
    const value = readOwnership(parseObject(text));
    const isThere = value !== null && (value.type === 'fenced' || value.partition < partitions);
    const judged = isThere && replay.apply(offset, value);
    expectThat(
      judged === verdict.valid,
      `offset ${offset}: the instance says ${verdict.valid}, the check says ${judged}: ${text}`,
    );
    offset += 1;
    act(handOver.onOwnership(record, verdict, nowMs));
  };
  act(handOver.onStarted(nowMs));

  return {
    step: (what: string, text: string): void => {
      if (what === 'own') append(text);
      else if (what === 'control') {
        const message = parseControlMessage(parseObject(text), partitions);
        if (message !== null) act(handOver.onControl(message, nowMs));
      } else if (what === 'lease') {
        const record = parseLeaseRecord(parseObject(text));
        fencedLease ||= record?.type === 'fence' && record.incarnation === self.incarnation;
        if (record !== null) lease.read(record, nowMs);
      } else if (what === 'beat') {
        const beat = lease.beat(nowMs);
        if (beat !== null) {
          lastBeatMs = nowMs;
          lease.read(beat, nowMs);
        }
      } else if (what === 'tick') {
        nowMs += Math.min(10_000, Number.parseInt(text, 10) || 0);
        act(handOver.onTick(nowMs));
        connections.tick(nowMs);
      } else if (what === 'client') {
        const partition = Math.min(partitions - 1, Number.parseInt(text, 10) || 0);
        clients += 1;
        const user = `u${clients % 3}`;
        const identity = {
          partition,
          user,
          client: 'c',
          session: `${clients}`,
          sessionAtMs: clients,
        };
        const admission = handOver.admission(partition, null);
        connections.admit(`k${clients}`, identity, admission, nowMs);
        connections.openedAcknowledged(`k${clients}`, true);
      } else if (what === 'drop') {
        for (const actions of [
          connections.socketClosed(`k${clients}`, 'lost'),
          connections.closedAcknowledged(`k${clients}`),
        ]) {
          for (const done of actions)
            if (done.kind === 'drained') act(handOver.onDrained(done.partition, nowMs));
        }
      } else if (what === 'leave') act(handOver.onLeave(nowMs));
      else if (what === 'restart') log = reread(log);
      // What the machine appended stands in the log by the next event, as often as not in time.
      for (let n = 0; own.length > 0 && n < ownRecordsMax; n += 1) append(own.shift() as string);
      expectThat(own.length === 0, 'the machine goes on appending without end');
    },
    check: (): void => {
      const { goals } = handOver;
      for (let p = 0; p < partitions; p += 1) {
        const holder = log.holderOf(p);
        if (handOver.holds(p)) {
          expectThat(holder?.incarnation === self.incarnation, `holds ${p} against the log`);
        }
      }
      for (const goal of [goals.target, goals.prepared]) {
        if (goal === null) continue;
        const wrong = checkTiling({ partitions, ranges: goal.ranges });
        expectThat(wrong === undefined, `revision ${goal.revision}: ${wrong}`);
      }
      expectThat(goals.epoch >= epoch, 'the epoch went back');
      epoch = goals.epoch;
      const { clients: there, parked } = connections.counts();
      expectThat(there >= 0 && parked >= 0, `${there} clients, ${parked} parked`);
      const speaks = lease.speaks(nowMs);
      expectThat(!(speaks && fencedLease), 'speaks after its fence');
      expectThat(!speaks || nowMs < lastBeatMs + limits.leaseTtlMs, 'speaks beyond its lease');
    },
  };
}

/** A checkpoint, through JSON and back: it must say the same. */
function reread(log: OwnershipLog): OwnershipLog {
  const snapshot = log.snapshot();
  const read = readSnapshot(JSON.parse(JSON.stringify(snapshot)), partitions);
  expectThat(read !== null, 'a checkpoint of ours is none');
  const again = new OwnershipLog(partitions, read as NonNullable<typeof read>);
  const isSame = JSON.stringify(again.snapshot()) === JSON.stringify(snapshot);
  expectThat(isSame, 'a checkpoint says something else than the log');
  return log;
}

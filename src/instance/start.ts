// Starts an instance: composes lease, logs, machines and driver, in the order that safety needs. First
// the lease is read, then both logs up to the present, and only then the machine may act.

import { randomUUID } from 'node:crypto';
import { Connections } from '../core/handover/connections.js';
import { HandOver } from '../core/handover/hand-over.js';
import * as limits from '../limits.js';
import { openControlReader } from '../logs/control-reader.js';
import type { ControlReader } from '../logs/control-reader.js';
import { checkpointOf, OwnershipView } from '../logs/ownership-view.js';
import { ownershipEntry, sessionEntry } from '../logs/topics.js';
import type { Instance, InstanceDependencies, InstanceOptions, InstanceState } from './api.js';
import { logControl } from './control-line.js';
import { Driver } from './driver.js';
import { Gaps } from './gaps.js';
import { leaseClock } from './lease-clock.js';
import { leaveInOrder } from './leaving.js';
import { keepLease } from './lease-keeper.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { watchLoop } from './loop-watch.js';
import { createNotes } from './notes.js';
import { Outbox } from './outbox.js';
import { checkedOptions } from './options.js';
import { checkPartition, checkPartitionCount } from './partition-count.js';
import { PartitionReader } from './partition-reader.js';
import { fencePredecessor } from './predecessors.js';
import { reportOf, startReporter } from './reporter.js';
import { createSpans } from './spans.js';
import { startTicking } from './ticking.js';
import { watchConnections } from './watched-connections.js';

export async function startInstance(
  options: InstanceOptions,
  dependencies: InstanceDependencies,
): Promise<Instance> {
  const { service, name, ordinal, partitions, url, sink } = checkedOptions(options, dependencies);
  const { bus, reports, clock, log } = dependencies;
  const incarnation = dependencies.incarnation ?? randomUUID();
  const nowMs = leaseClock(clock);
  const warn = (event: string) => (error: unknown) => {
    log({
      level: 'warn',
      event,
      detail: { message: error instanceof Error ? error.message : String(error) },
    });
  };

  const { onSkipped, onMistake } = createNotes(dependencies, nowMs);
  let state: InstanceState = 'starting';
  let suspendedTimer: NodeJS.Timeout | null = null;
  let end: (how: 'fenced' | 'stopped' | 'left') => void = () => undefined;
  const ended = new Promise<'fenced' | 'stopped' | 'left'>((resolve) => {
    end = resolve;
  });

  const [leaseAppender, ownershipAppender, evidenceAppender, checkpoint] = await Promise.all([
    bus.appender(`${name}.lease`),
    bus.appender(`${name}.ownership`),
    bus.appender(`${name}.sessions`),
    checkpointOf(service, partitions, reports),
    checkPartitionCount(bus, service, partitions),
  ]);

  // Assigned below, in the order of starting; until then the instance is silent.
  let lease: LeaseKeeper | null = null;
  let control: ControlReader | null = null;
  const speaks = (): boolean => lease?.speaks() ?? false;

  const outbox = (appender: typeof ownershipAppender, onFailure: 'repeat' | 'drop'): Outbox =>
    new Outbox({
      appender,
      mayAppend: speaks,
      onFailure,
      retryAfterMs: limits.repeatAppendAfterMs,
      onError: warn('append-failed'),
    });
  const ownership = outbox(ownershipAppender, 'drop');
  const evidence = outbox(evidenceAppender, 'repeat');

  const view = new OwnershipView(
    {
      bus,
      service,
      partitions,
      onSkipped,
      onRecord: (record, _offset, verdict) => {
        driver.act(handOver.onOwnership(record, verdict, nowMs()));
        if (view.isFenced(incarnation) && state !== 'fenced') void stopAs('fenced');
      },
      onJump: () => {
        log({
          level: 'error',
          event: 'ownership-log-lost',
          detail: { why: 'the log was trimmed past this reader' },
        });
        void stopAs('fenced');
      },
    },
    checkpoint,
  );

  const connections = new Connections(limits);
  const gaps = new Gaps();
  const handOver = new HandOver(
    { service, ordinal, incarnation, url },
    {
      log: view.log,
      clientsOf: (partition) => connections.clientsOf(partition),
      positionOf: (partition) => messages.positionOf(partition),
    },
    { takeBackAfterMs: limits.takeBackAfterMs, repeatAfterMs: limits.repeatAppendAfterMs },
  );
  const messages = new PartitionReader({
    bus,
    service,
    sink,
    onWarmed: (warmed) => {
      driver.act(handOver.onWarmed(warmed, nowMs()));
    },
    onError: warn('messages-reader'),
  });

  const driver: Driver = new Driver(
    { instance: name, incarnation },
    { handOver, connections, gaps },
    {
      nowMs,
      leaseGood: speaks,
      newConnectionId: randomUUID,
      ownership,
      evidence,
      ownershipRecord: (record) => ownershipEntry(service, record),
      sessionRecord: (record) => sessionEntry(service, record),
      warm: (list) => messages.warm(list),
      forget: (list) => messages.forget(list),
      fence: (predecessor) => {
        const living = (): boolean => state === 'starting' || state === 'ready';
        const who = { instance: name, incarnation, predecessor };
        void fencePredecessor({
          bus,
          appender: ownershipAppender,
          clock,
          service,
          log,
          living,
          hasEnded: () => Promise.resolve(dependencies.hasEnded?.(predecessor) ?? false),
          ...who,
        });
      },
      answerWarmed: (rebalance, count) => {
        const answer = { service, rebalance, instance: name, incarnation, partitions: count };
        const written = reports.saveWarmed({ ...answer, atMs: clock.wallMs() });
        written.catch(warn('warmed-not-written'));
      },
      report: () => {
        reporter.soon();
      },
      wakeBy: (atMs) => ticking.wakeBy(atMs),
      saw: createSpans({ service, instance: name, incarnation }, handOver.goals, dependencies),
      alarm: (text) => {
        log({ level: 'error', event: 'alarm', detail: { text } });
      },
    },
  );

  const reporter = startReporter({
    store: reports,
    report: () =>
      reportOf(
        { service, instance: name, incarnation, url, leaving: state === 'leaving' },
        { handOver, connections, gaps },
        clock.wallMs(),
      ),
    onError: warn('report-failed'),
  });
  const watched = watchConnections(nowMs, onMistake);
  const loop = watchLoop(nowMs, (ms) => {
    if (state === 'ready') onMistake('event-loop-blocked', { ms });
  });
  const ticking = startTicking(nowMs, () => driver.tick());
  const keepingLease = keepLease({
    bus,
    appender: leaseAppender,
    service,
    instance: name,
    ordinal,
    incarnation,
    nowMs,
    limits: { ttlMs: limits.leaseTtlMs, lapseMaxMs: limits.leaseLapseMaxMs },
    heartbeatEveryMs: limits.heartbeatEveryMs,
    onChange: (good) => {
      onLease(good);
    },
    onSkipped,
    onStranger: () => onMistake('same-ordinal'),
    onEnd: (why) => {
      log({ level: 'error', event: 'fenced', detail: { why } });
      void stopAs('fenced');
    },
  });
  // Connecting takes time, and in no order: nothing acts before the lease is good, after this.
  const said = logControl(log, () => state === 'ready', driver);
  [lease, control] = await Promise.all([
    keepingLease,
    openControlReader(bus, service, said, { partitions, onSkipped }),
    view.open(),
  ]);
  await Promise.all([view.caughtUp(), control.caughtUp()]);
  await leaseIsGood();
  state = 'ready';
  driver.act(handOver.onStarted(nowMs()));
  const revision = handOver.goals.target?.revision ?? 0;
  log({ level: 'info', event: 'ready', detail: { incarnation, revision } });

  function onLease(good: boolean): void {
    log({ level: good ? 'info' : 'warn', event: good ? 'lease-good' : 'lease-lapsed' });
    if (state === 'starting' && !good) return;
    driver.suspend(!good);
    if (suspendedTimer !== null) clearTimeout(suspendedTimer);
    suspendedTimer = good
      ? null
      : setTimeout(() => {
          driver.closeAll('the lease of this instance lapsed');
        }, limits.suspendedGraceMs);
  }

  async function leaseIsGood(): Promise<void> {
    while (!speaks() && state === 'starting') {
      await new Promise((resolve) => setTimeout(resolve, limits.caughtUpPollMs));
    }
  }

  async function stopAs(how: 'fenced' | 'stopped' | 'left'): Promise<void> {
    if (state === 'stopped' || state === 'fenced') return;
    state = how === 'fenced' ? 'fenced' : 'stopped';
    if (suspendedTimer !== null) clearTimeout(suspendedTimer);
    ticking.stop();
    loop.stop();
    watched.stop();
    reporter.stop();
    driver.closeAll('this instance ends');
    ownership.close();
    evidence.close();
    await Promise.allSettled([
      lease?.stop(),
      view.close(),
      control?.close(),
      messages.close(),
      leaseAppender.close(),
      ownershipAppender.close(),
      evidenceAppender.close(),
    ]);
    end(how);
  }

  async function leave(withinMs: number, hurried: Promise<unknown>): Promise<void> {
    if (state !== 'ready') return stopAs('stopped');
    state = 'leaving';
    await leaveInOrder({
      ...{ withinMs, hurried, nowMs },
      announce: () => reporter.soon(),
      isAnswered: () => handOver.isToGiveAll(),
      isEmpty: () => handOver.isEmpty() && connections.counts().clients === 0,
      giveAway: () => driver.act(handOver.onLeave(nowMs())),
      living: () => state === 'leaving',
    });
    await stopAs('left');
  }

  return {
    service,
    name,
    incarnation,
    state: () => state,
    admit: (identity, revision, connection) => {
      checkPartition(identity, partitions, onMistake);
      watched.admit(connection, (admitted) => driver.admit(identity, revision, admitted));
    },
    closed: (connection, reason) => {
      watched.closed(connection, (admitted) => driver.socketClosed(admitted, reason));
    },
    maySpeak: (partition) => driver.maySpeak(partition),
    leaseGood: speaks,
    recordGap: (revision, gapMs, cause = 'moved') => {
      gaps.arrived(revision, gapMs, cause);
      reporter.within(limits.reportGapsWithinMs);
    },
    leave,
    stop: () => stopAs('stopped'),
    ended,
    status: () => ({
      state,
      revision: handOver.goals.target?.revision ?? 0,
      epoch: handOver.goals.epoch,
      ...handOver.counts(),
      ...connections.counts(),
      leaseGood: speaks(),
    }),
  };
}

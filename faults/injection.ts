// Owns: one fault at one activity: how the first call of it goes wrong, of the way back where the flow
// turns back. Every other call is left alone. Never looks at what comes of it.

import { Context, asyncLocalStorage } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../activities/index.js';
import type { ActivityPorts } from '../activities/connections.js';
import type { Away } from './away.js';
import type { ActivityName, Cell } from './matrix.js';

/** What a fault may do to the world around the activity. */
export interface Around {
  cancel(): Promise<void>;
  terminate(): Promise<void>;
  loseAnother(): Promise<void>;
  writeRevision(): Promise<void>;
  /** ConfigDB is as it was before the request. */
  restoreConfigDb(): void;
  /** For a while from now on; longer than failures are tried again for. */
  goAway(what: Away): void;
}

type Call = (input: never) => Promise<unknown>;

export interface Injection {
  readonly activities: Activities;
  /** Whether the fault has happened. */
  happened(): boolean;
  /** Lets the activity of a terminated run go on; resolves with what came of it. */
  wake(): Promise<string>;
  /** The cell is over: ends what hangs, so that the worker can. */
  bury(): void;
}

/** `doomed`: activities over ports that stop answering after the first write (`stallingPorts`). */
export function inject(
  real: Activities,
  doomed: Activities,
  { flow, step: name, fault }: Cell,
  around: Around,
): Injection {
  const { turnsBackAt } = flow;
  let hasTurnedBack = turnsBackAt === undefined;
  let calls = 0;
  let wake: () => void = () => undefined;
  const woken = new Promise<void>((resolve) => (wake = resolve));
  let sleeper: Promise<unknown> = Promise.resolve();
  let bury: () => void = () => undefined;
  // As a process that is gone: no answer until the cell is over, no heartbeat.
  const gone = new Promise<never>((_resolve, reject) => {
    bury = () => reject(new Error('the cell is over'));
  });
  gone.catch(() => undefined);
  const call = real[name] as Call;

  const turning = (at: ActivityName) => async (input: never) => {
    if (hasTurnedBack) return (real[at] as Call)(input);
    hasTurnedBack = true;
    throw ApplicationFailure.nonRetryable(
      `${at} was made to fail, so that it turns back`,
      'Injected',
    );
  };
  const faulty = async (input: never): Promise<unknown> => {
    if (!hasTurnedBack) return call(input);
    calls += 1;
    if (calls > 1) return call(input);
    switch (fault) {
      case 'fails once':
        throw new Error(`${name} was made to fail once`);
      case 'fails for good':
        throw ApplicationFailure.nonRetryable(`${name} was made to fail`, 'Injected');
      case 'answer lost':
        await call(input);
        throw new Error(`the answer of ${name} was lost`);
      case 'worker killed before':
        return gone;
      case 'worker killed during':
        return Promise.race([gone, silently(() => (doomed[name] as Call)(input)).then(() => gone)]);
      case 'worker killed after':
        await silently(() => call(input));
        return gone;
      case 'cancelled':
        await around.cancel();
        return call(input);
      case 'terminated':
        await around.terminate();
        throw new Error('its run is gone');
      case 'terminated, activity lives on':
        sleeper = woken.then(() => silently(() => call(input)));
        sleeper.catch(() => undefined);
        await around.terminate();
        return sleeper;
      case 'another instance lost':
        await around.loseAnother();
        return call(input);
      case 'race lost':
        await around.writeRevision();
        return call(input);
      case 'terminated, ConfigDB restored':
        await around.terminate();
        around.restoreConfigDb();
        throw new Error('its run is gone');
      case 'ConfigDB away':
      case 'Kafka away':
        around.goAway(fault === 'Kafka away' ? 'Kafka' : 'ConfigDB');
        return call(input);
    }
  };
  return {
    activities: {
      ...real,
      ...(turnsBackAt === undefined ? {} : { [turnsBackAt]: turning(turnsBackAt) }),
      [name]: faulty,
    },
    happened: () => calls > 0,
    bury: () => bury(),
    wake: async () => {
      wake();
      return sleeper.then(
        () => 'it ended',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
    },
  };
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** Runs an activity of which Temporal hears nothing: no heartbeat leaves, no cancellation arrives. */
function silently<T>(work: () => Promise<T>): Promise<T> {
  const { info, log, metricMeter, client } = Context.current();
  const uncancelled = new AbortController().signal;
  const context = new (Context as unknown as new (...args: unknown[]) => Context)(
    info,
    never(),
    uncancelled,
    () => undefined,
    client,
    log,
    metricMeter,
    {},
  );
  return asyncLocalStorage.run(context, work);
}

/** Ports that do one write and then answer nothing any more: a process that ends in the middle. */
export function stallingPorts(ports: ActivityPorts): ActivityPorts {
  let writes = 0;
  const once =
    <A extends readonly unknown[], R>(write: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      writes += 1;
      if (writes > 1) return never();
      await write(...args);
      return never();
    };
  const { configDb, bus, platform } = ports;
  return {
    ...ports,
    configDb: {
      ...configDb,
      insertDistribution: once((doc) => configDb.insertDistribution(doc)),
      takeEpoch: once((...taken: Parameters<typeof configDb.takeEpoch>) =>
        configDb.takeEpoch(...taken),
      ),
      savePlan: once((doc) => configDb.savePlan(doc)),
      saveRebalance: once((doc) => configDb.saveRebalance(doc)),
    },
    platform: {
      ...platform,
      scale: once((...to: Parameters<typeof platform.scale>) => platform.scale(...to)),
      setTemplate: once((...to: Parameters<typeof platform.setTemplate>) =>
        platform.setTemplate(...to),
      ),
      restart: once((...which: Parameters<typeof platform.restart>) => platform.restart(...which)),
    },
    bus: {
      ...bus,
      appender: async (name) => {
        const appender = await bus.appender(name);
        return { ...appender, append: once((records) => appender.append(records)) };
      },
    },
  };
}

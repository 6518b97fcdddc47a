// Owns: ports in memory that can be away for a while, for the control plane and the instances alike: a
// database or a broker that does not answer. Knows no step and no fault.

import { AppendFailedError } from '../src/adapters/bus-errors.js';
import type { MemoryConfigDb } from '../src/adapters/memory/config-db.js';
import { UnreachableError } from '../src/errors.js';
import type { Bus } from '../src/ports.js';

export type Away = 'ConfigDB' | 'Kafka';

/** A question that nobody answers is given up after this: real clients take seconds. */
const givenUpAfterMs = 50;

export function absentable(real: { readonly bus: Bus; readonly configDb: MemoryConfigDb }) {
  const away = new Set<Away>();
  const check = async (what: Away, error: () => Error): Promise<void> => {
    if (!away.has(what)) return;
    await new Promise((resolve) => setTimeout(resolve, givenUpAfterMs));
    throw error();
  };
  const noDb = () => new UnreachableError('MongoDB', 'ConfigDB is made to be away');
  const noKafka = () => new UnreachableError('Kafka', 'Kafka is made to be away');
  const { bus, configDb } = real;
  const asked =
    <A extends readonly unknown[], R>(ask: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await check('Kafka', noKafka);
      return ask(...args);
    };
  return {
    bus: {
      ...bus,
      bounds: asked((...given: Parameters<Bus['bounds']>) => bus.bounds(...given)),
      partitionCount: asked((...given: Parameters<Bus['partitionCount']>) =>
        bus.partitionCount(...given),
      ),
      offsetsSince: asked((...given: Parameters<Bus['offsetsSince']>) =>
        bus.offsetsSince(...given),
      ),
      readRange: asked((...given: Parameters<Bus['readRange']>) => bus.readRange(...given)),
      open: asked((...given: Parameters<Bus['open']>) => bus.open(...given)),
      appender: async (name: string) => {
        const appender = await bus.appender(name);
        return {
          ...appender,
          append: async (records: Parameters<typeof appender.append>[0]) => {
            const failed = () =>
              new AppendFailedError(noKafka().message, { maybeWritten: false, cause: noKafka() });
            await check('Kafka', failed);
            return appender.append(records);
          },
        };
      },
    } satisfies Bus,
    configDb: Object.fromEntries(
      Object.entries(configDb).map(([name, operation]) => {
        if (name === 'backup' || name === 'close') return [name, operation];
        const real = operation as (...args: unknown[]) => Promise<unknown>;
        const answers = async (...args: unknown[]) => {
          await check('ConfigDB', noDb);
          return real(...args);
        };
        return [name, answers];
      }),
    ) as unknown as MemoryConfigDb,
    /** From now on it does not answer, or does again. */
    setAway: (what: Away, isAway: boolean) => void (isAway ? away.add(what) : away.delete(what)),
  };
}

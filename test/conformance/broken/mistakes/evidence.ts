// Mistakes about what must stand in the logs before something is said.

import { hasty, tampered, typeOf, valueOf, type Mistake } from '../mistake.js';

export const evidenceMistakes: readonly Mistake[] = [
  {
    name: 'welcomes before its opened is acknowledged',
    caughtBy: 'welcome',
    says: /was welcomed when the log ended at \d+, and its opened came later/,
    bus: (bus) => hasty((record) => typeOf(record) === 'opened', bus),
  },
  {
    name: 'releases before its closed are acknowledged',
    after: ['gives'],
    caughtBy: 'evidence',
    says: /was released at offset \d+ of the ownership log, and closed of connection .* came \d+ ms later/,
    running: {
      after: ['gives-to-another'],
      caughtBy: 'evidence',
      says: /was released at offset \d+ of the ownership log, and closed of connection .* came \d+ ms later/,
    },
    bus: (bus) => hasty((record) => typeOf(record) === 'closed', bus),
  },
  {
    name: 'opens a newer session before the older is closed',
    caughtBy: 'newer-session',
    says: /the closed of the older session is at \d+, behind the opened of the newer/,
    bus: (bus) => hasty((record) => typeOf(record) === 'closed', bus),
  },
  {
    name: 'accepts before Kafka has acknowledged',
    caughtBy: 'send',
    says: /accepted named offset \d+ of partition \d+, and the log ended at \d+ then/,
    bus: (bus) => hasty(({ topic }) => topic.endsWith('.messages'), bus),
  },
  {
    name: 'logs no closed of a lost socket',
    caughtBy: 'lost-connection',
    says: /no closed of connection \S+ came within 10 s after its socket was lost/,
    bus: (bus) =>
      tampered(bus, {
        append: (records, append) =>
          records.some((record) => valueOf(record)['reason'] === 'lost')
            ? new Promise(() => undefined)
            : append(records),
      }),
  },
];

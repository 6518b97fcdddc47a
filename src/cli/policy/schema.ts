// Owns: the one schema of a policy file: what each field may be, and what it is for. Validation, the
// JSON Schema for editors and the table of docs/policy-reference.md all come from it. Never reads a file.

import { z } from 'zod';
import { days } from '../../core/scaling/calendar.js';
import { signals } from '../../core/scaling/signals.js';
import { serviceForm } from '../service-argument.js';

const dayMs = 24 * 3_600_000;
const instancesMax = 1_000;

/** What is allowed is the message of each check. */
const whole = (min: number, max: number) => {
  const allowed = `a whole number from ${min} to ${max}`;
  return z.int(allowed).min(min, allowed).max(max, allowed);
};
const number = (min: number, max: number) => {
  const allowed = `a number from ${min} to ${max}`;
  return z.number(allowed).min(min, allowed).max(max, allowed);
};
const share = (allowed: string) => z.number(allowed).min(0, allowed).lt(1, allowed);
const oneOf = <const T extends readonly string[]>(...values: T) =>
  z.enum(values, values.join(' or '));
const ms = (min: number, max = dayMs) => whole(min, max).optional();
const text = (allowed: string, max: number) => z.string(allowed).min(1, allowed).max(max, allowed);
const positive = (allowed: string) => z.number(allowed).positive(allowed);

const service = 'lower-case letters, digits and dashes, beginning with a letter, at most 40';

const stepLimit = z
  .strictObject(
    {
      count: whole(0, instancesMax).default(0).describe('so many instances, or'),
      percent: number(0, 1_000)
        .default(0)
        .describe('this share of the instances at the beginning of the period, in %'),
      periodMs: whole(1_000, dayMs).describe('within any such period'),
    },
    'count, percent and periodMs',
  )
  .nullable()
  .optional();

const signal = z
  .strictObject(
    {
      upper: positive('a number above 0').describe('above it instances are added'),
      target: positive('a number above 0').describe('what an instance should have afterwards'),
      lower: number(0, 1e15)
        .optional()
        .describe('below it, it has nothing against removing instances'),
    },
    'upper, target and perhaps lower',
  )
  .optional();

const window = {
  name: text('a name of at most 80 characters', 80).optional().describe('for the reasons'),
  days: z
    .array(oneOf(...days), `a list of ${days.join(', ')}`)
    .min(1, `a list of ${days.join(', ')}`)
    .optional()
    .describe('on which it begins, every week; absent: every day'),
  from: text('a time such as 20:00, or a date with a time', 16).describe(
    '`20:00`, or once: `2026-12-24 20:00`',
  ),
  to: text('a time such as 20:00, or a date with a time', 16).describe(
    'a time not later than `from` is on the next day',
  ),
  zone: text('an IANA name such as Europe/Berlin', 60)
    .default('UTC')
    .describe('IANA name of the time zone whose clock counts, also when it is changed'),
};

const query = text('PromQL with {{service}} for the name', 4_000).optional();

export const policySchema = z.strictObject({
  version: z.literal(1, '1').optional().describe('of this format'),
  service: z
    .string(service)
    .regex(serviceForm, service)
    .describe('name; also the prefix of its topics and instances (`messaging-0`)'),
  mode: oneOf('live', 'dry-run')
    .optional()
    .describe('`dry-run`: decides and records, never acts; `explain` says what it would have done'),
  partitions: whole(1, 100_000).describe('P; never changes for a running service'),
  instances: z.strictObject(
    {
      min: whole(1, instancesMax).describe(
        'never fewer; so many are started for the first distribution',
      ),
      max: whole(1, instancesMax).describe('never more'),
    },
    'min and max',
  ),
  warmSpares: whole(0, instancesMax)
    .optional()
    .describe(
      'instances that run, Ready, and own nothing, as far as `instances.max` has room: a growth by so many needs no start',
    ),
  clientsPerInstance: z.strictObject(
    {
      upper: whole(1, 10_000_000).describe(
        'above so many connected users per instance, instances are added',
      ),
      lower: whole(0, 10_000_000).describe('below so many, they are removed'),
      target: whole(1, 10_000_000).describe(
        'what an instance should have afterwards; between the two',
      ),
    },
    'upper, lower and target',
  ),
  signals: z
    .strictObject(
      Object.fromEntries(signals.map((name) => [name, signal])) as Record<
        (typeof signals)[number],
        typeof signal
      >,
      `a mapping of ${signals.join(', ')}`,
    )
    .optional()
    .describe(
      'per instance, beside connected users, from Prometheus; whichever needs most instances wins',
    ),
  hysteresis: share('a number from 0 to less than 1')
    .optional()
    .describe(
      'after a removal the load must stay this share below `upper` (and nobody above `target`), else it would flap',
    ),
  stabilisation: z
    .strictObject({
      upMs: ms(0).describe('grows to the least that was wanted all this time'),
      downMs: ms(0).describe('shrinks to the most that was wanted within this time'),
      urgentShare: number(0, 100)
        .optional()
        .describe('a load above `upper` by more than this share waits for no window and no budget'),
    })
    .optional(),
  stepMax: whole(1, instancesMax).optional().describe('instances added or removed by one decision'),
  steps: z
    .strictObject({
      up: stepLimit.describe('instead of `stepMax` when instances are added: the larger counts'),
      down: stepLimit.describe('instead of `stepMax` when instances are removed'),
    })
    .optional(),
  cooldownMs: ms(0).describe('no further change for this long after one'),
  cooldownUpMs: ms(0).describe('the same before instances are added'),
  cooldownDownMs: ms(0).describe('the same before instances are removed'),
  cooldownAfterUndoMs: ms(0).describe('and after one that had to be undone'),
  cooldownAfterRejectionMs: ms(0).describe(
    'no question again for this long after a no, or after no answer',
  ),
  disruption: z
    .strictObject({
      clientsPerHour: whole(1, 100_000_000)
        .nullable()
        .optional()
        .describe('clients that decisions may move within any hour; a growth that is urgent may'),
    })
    .optional(),
  balanceEveryMs: ms(0).describe(
    'one instance above `upper` while the mean is below is evened out this often at most (`balanceBy: clients`)',
  ),
  freezes: z
    .array(
      z.strictObject({
        ...window,
        allows: oneOf('nothing', 'growth')
          .default('nothing')
          .describe('`growth`: instances may be added'),
      }),
      'a list of windows',
    )
    .max(50, 'at most 50 windows')
    .optional()
    .describe('when no decision changes anything; operators and lost instances do not wait'),
  floors: z
    .array(
      z.strictObject({
        ...window,
        instances: whole(1, instancesMax).describe('at least so many'),
        aheadMs: whole(0, dayMs).default(0).describe('asked for so long before `from`'),
      }),
      'a list of windows',
    )
    .max(50, 'at most 50 windows')
    .optional()
    .describe('when at least so many instances run; of several the highest counts'),
  forecast: z
    .strictObject({
      mode: oneOf('off', 'shadow', 'acting')
        .optional()
        .describe(
          '`shadow`: made, recorded, and says what it would have done; `acting`: adds instances',
        ),
      stepMs: ms(1_000).describe('between two values of the series that models learn from'),
      horizonMs: z
        .union([z.literal('measured'), z.int().min(1_000).max(dayMs)], {
          error: `measured, or a whole number from 1000 to ${dayMs}`,
        })
        .optional()
        .describe('how far ahead; `measured`: as long as adding an instance took lately'),
      margin: share('a number from 0 to less than 1')
        .optional()
        .describe('acts only while its error is below that of the last value by this share'),
      minHistoryMs: ms(1_000, 366 * dayMs).describe('acts only with so much history'),
      zone: text('an IANA name such as Europe/Berlin', 60)
        .optional()
        .describe('IANA name of the time zone whose days and weeks the load follows'),
      plansFor: oneOf('value', 'high')
        .optional()
        .describe('instances for the forecast, or for the upper end of its interval'),
    })
    .optional()
    .describe('may add instances ahead of the load, never removes any'),
  price: z
    .strictObject({
      perInstanceHour: number(0, 1e9).optional().describe('for the replay of recorded load'),
      perDisconnect: number(0, 1e9).optional().describe('of one client told to move; as above'),
    })
    .optional(),
  metrics: z
    .strictObject({
      source: oneOf('reports', 'prometheus', 'both')
        .optional()
        .describe('who counts connected users: the instances, Prometheus, or both'),
      queries: z
        .strictObject({
          clients: query.describe(
            'PromQL for connected users by instance; `{{service}}` is filled in; absent: what the reference service counts',
          ),
          age: query.describe(
            'PromQL for the age in seconds of the oldest value in `clients`; not needed without `clients`',
          ),
          ...(Object.fromEntries(
            signals.map((name) => [name, query.describe(`PromQL for \`signals.${name}\``)]),
          ) as Record<(typeof signals)[number], typeof query>),
        })
        .optional(),
      timeoutMs: ms(100).describe('for one query'),
      contradictionShare: share('a number from 0 to less than 1')
        .optional()
        .describe('two counts of users further apart than this share contradict each other'),
    })
    .optional(),
  sampleMaxAgeMs: ms(1_000).describe(
    'an older report of an instance is no report; nothing is removed on missing reports',
  ),
  balanceBy: oneOf('partitions', 'clients')
    .optional()
    .describe('even numbers of `partitions`, or of `clients`'),
  tolerance: share('a number from 0 to less than 1')
    .optional()
    .describe('allowed excess of an instance over the mean'),
  maxRangesPerInstance: whole(1, 1_000)
    .optional()
    .describe('a soft budget: pieces are joined where an instance would pass it'),
  pace: z
    .strictObject({
      clientsPerWave: whole(1, 100_000)
        .optional()
        .describe('clients moved to one receiver at a time, by all its donors together (in turns)'),
      acceptPerSecond: whole(1, 100_000)
        .optional()
        .describe('clients that one receiver welcomes per second: the pause between its waves'),
      partitionsPerWave: whole(1, 100_000)
        .optional()
        .describe('partitions released by one donor at a time'),
    })
    .optional(),
  scheduleEveryMs: whole(1_000, dayMs).optional().describe('how often metrics are evaluated'),
  approval: z
    .union(
      [z.enum(['never', 'always']), z.strictObject({ aboveMovedClients: whole(0, 100_000_000) })],
      'never or always, or { aboveMovedClients: n }',
    )
    .optional()
    .describe(
      '`always`: a rebalance that no operator asked for waits for the update `approve`; `{ aboveMovedClients: 500 }`: only one that moves more clients; lost and leaving instances never wait',
    ),
  approvalMs: ms(1_000).describe('a plan that nobody approved within this is rejected'),
  instanceStartMs: ms(1_000).describe('from asking the platform until an instance is Ready'),
  prepareMs: ms(1_000).describe(
    'until every instance that gains partitions has read them to the tail',
  ),
  notifyMs: ms(1_000).describe('until every instance strives for the new revision'),
  handOverStallMs: ms(1_000).describe(
    'a hand-over in which no partition arrives for so long has failed and is undone; more than the rest after a wave',
  ),
});

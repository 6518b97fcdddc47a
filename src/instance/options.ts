// Owns: what an embedder can say wrong before an instance has said a word: a name that is another
// instance's, nobody to deliver to. Later the one is a fight about leases, and the other a TypeError.

import { instanceName } from '../core/records.js';
import { partitionsMax } from '../core/placement/check.js';
import { BadInputError } from '../errors.js';
import { aFunction, aPort, aText, aWholeNumber, checkGiven } from '../given.js';
import type { InstanceDependencies, InstanceOptions } from './api.js';

/** The options themselves. @throws BadInputError */
export function checkedOptions(
  options: InstanceOptions,
  dependencies: InstanceDependencies,
): InstanceOptions {
  checkGiven('startInstance', options, {
    ...{ service: aText, name: aText, url: aText },
    ordinal: aWholeNumber(0, Number.MAX_SAFE_INTEGER),
    partitions: aWholeNumber(1, partitionsMax),
  });
  checkGiven('startInstance', dependencies, {
    bus: aPort('appender', 'open'),
    reports: aPort('saveReport', 'latestCheckpoint'),
    clock: aPort('monotonicMs', 'wallMs'),
    log: aFunction,
  });
  const { service, name, ordinal, sink } = options;
  const own = instanceName(service, ordinal);
  if (name !== own) {
    throw new BadInputError(
      `the instance ${ordinal} of ${service} is called ${own}, and this one ${name}: its name stands for its ordinal, ` +
        'so both would write where another does',
      { field: 'name', found: name, allowed: own },
    );
  }
  const missing = (['onRecords', 'onForget', 'onJump'] as const).find(
    (hook) => typeof (sink as Partial<typeof sink> | undefined)?.[hook] !== 'function',
  );
  if (missing !== undefined) {
    throw new BadInputError(`the sink has no ${missing}: records are delivered by it`, {
      field: `sink.${missing}`,
      found: 'nothing',
      allowed: 'a function',
    });
  }
  return options;
}

// A service on a stack of its own while what it stands on is away, and while several things go wrong at
// once: nobody is connected twice, nothing is lost, and it is whole again by itself. Real processes, a
// small crowd, and no time is looked at.
import { describe, expect, it } from 'vitest';
import { quickSize, runHandover, type Kind } from '../../../bench/handover/group.js';
import type { Measured } from '../../../bench/handover/runs.js';

/** A sample; the rest by the bench itself. */
const kinds: readonly Kind[] = ['no-control-plane', 'kafka-pause', 'leave'];
const given = ['KAFKA_BROKERS', 'MONGODB_URI', 'TEMPORAL_ADDRESS', 'TEMPORAL_UI_URL'];

describe('outages', () => {
  it(
    'end with everybody served, nobody connected twice and nothing lost',
    { timeout: 600_000 },
    async () => {
      // What is shared with other tests must not stand still.
      for (const name of given) delete process.env[name];
      const seen: Kind[] = [];
      const said: string[] = [];
      for await (const one of runHandover(quickSize, kinds, (line) => said.push(line))) {
        const { wrong, overlaps, lost, duplicated, outOfOrder } = one.ours as Measured;
        const found = { wrong, overlaps, lost, duplicated, outOfOrder };
        const right = { wrong: [], overlaps: 0, lost: 0, duplicated: 0, outOfOrder: 0 };
        expect(found, one.name).toEqual(right);
        seen.push(one.params['kind'] as Kind);
      }
      expect(seen).toEqual(kinds);
    },
  );
});

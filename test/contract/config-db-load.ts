// The laws of ConfigDb about load by day.

import { expect, it } from 'vitest';
import { loadDaysMax } from '../../src/limits.js';
import type { ConfigDb, LoadDoc } from '../../src/ports.js';

export function loadLaws(
  given: () => {
    readonly db: ConfigDb;
    /** Another writer on the same database. */
    readonly other: ConfigDb;
    readonly newService: () => string;
  },
): void {
  it('keeps the load of the last days, by the length of its steps', async () => {
    const { db, other, newService } = given();
    const service = newService();
    const day = (dayMs: number, stepMs = 300_000): LoadDoc => ({
      service,
      stepMs,
      dayMs,
      values: [12.5, null, 13],
      open: { sum: 30, samples: 2 },
      atMs: dayMs + 1,
    });
    for (const doc of [day(2_000), day(1_000), day(3_000), day(2_000, 60_000)]) {
      await db.saveLoad(doc);
    }
    await other.saveLoad({ ...day(3_000), values: [1] });
    expect(await db.loads(service, 300_000, 2_000)).toEqual([
      day(2_000),
      { ...day(3_000), values: [1] },
    ]);
    expect(await db.loads(newService(), 300_000, 0)).toEqual([]);
    for (let i = 0; i < 2 * loadDaysMax; i += 1) await db.saveLoad(day(10_000 + i));
    const kept = await db.loads(service, 300_000, 0);
    expect(kept.length).toBeLessThanOrEqual(2 * loadDaysMax);
    expect(kept[0]?.dayMs).toBeGreaterThan(3_000);
  });
}

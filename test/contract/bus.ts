// The laws of Bus in src/ports.ts as tests; every implementation runs all of them.

import { afterAll, beforeAll, describe } from 'vitest';
import { askingLaws } from './bus-asking.js';
import { readerLaws } from './bus-readers.js';
import { readingLaws } from './bus-reading.js';
import { writingLaws } from './bus-writing.js';
import { GivenBus, type BusUnderTest } from './given-bus.js';

/** `sample`: only writing and asking, where another way to the same bus is tried. */
export function busContract(
  name: string,
  makeBus: () => Promise<BusUnderTest>,
  sample = false,
): void {
  describe(`${name} keeps the laws of Bus`, () => {
    let under: BusUnderTest;

    beforeAll(async () => {
      under = await makeBus();
    });
    afterAll(() => under.end());

    const given = new GivenBus(() => under);
    writingLaws(given);
    askingLaws(given);
    if (sample) return;
    readingLaws(given);
    readerLaws(given);
  });
}

import { expect, it } from 'vitest';
import type { TrustReason } from '../../../src/core/forecast/trust.js';
import { trustText } from '../../../src/core/forecast/trust-text.js';

const sentences: readonly (readonly [TrustReason, string])[] = [
  [
    { kind: 'better-than-last-value', error: 0.0312, lastValue: 0.08 },
    'its error was 3.1 %, that of the last value 8 %',
  ],
  [{ kind: 'value-missing' }, 'what is connected now is not known'],
  [
    { kind: 'too-little-measured', steps: 12, stepsMin: 576 },
    '12 of its forecasts have been measured, and 576 are wanted',
  ],
  [{ kind: 'no-load' }, 'there was nobody to foresee'],
  [
    { kind: 'error-too-large', error: 0.4, errorMax: 0.25 },
    'it was off by 40 % of the load (at most 25 %)',
  ],
  [
    { kind: 'not-better-than-last-value', error: 0.08, lastValue: 0.081, margin: 0.1 },
    'its error was 8 %, not 10 % below that of the last value (8.1 %)',
  ],
  [
    { kind: 'worse-lately', error: 0.3, lastValue: 0.1, steps: 100 },
    'in the last hours its error was 30 %, that of the last value 10 %',
  ],
];

it.each(sentences)('%j is one sentence', (why, text) => expect(trustText(why)).toBe(text));

// Owns: who competes where nothing else is said, in an order that matters only for ties. All of them
// together cost some microseconds a step, so all always compete.

import { Autoregression } from './autoregression.js';
import { JumpingLevel, MedianLevel, SmoothedLevel } from './levels.js';
import type { Model } from './model.js';
import { lastValue, lastWeek, lastWeekRatio, medianOfThree, yesterday } from './simple-rules.js';
import { typicalWeek, typicalWeekRatio } from './typical-week.js';

/** New models for one series: each learns on its own. */
export function defaultModels(): readonly Model[] {
  return [
    lastValue(),
    yesterday(),
    lastWeek(),
    lastWeekRatio(),
    leastSquares(),
    new Autoregression({
      name: 'robust least squares on day and week',
      seasons: ['day', 'week'],
      loss: 'huber',
      of: 'change',
    }),
    new Autoregression({
      name: 'robust least squares on the day',
      seasons: ['day'],
      loss: 'absolute',
      of: 'value',
    }),
    medianOfThree(),
    new SmoothedLevel(),
    new JumpingLevel(),
    new MedianLevel(),
    typicalWeek(),
    typicalWeekRatio(),
  ];
}

/** Ordinary recursive least squares on 1 and the lags h, h+1, h+2, a day, a day + h, a week, a week + h. */
export function leastSquares(): Model {
  return new Autoregression({
    name: 'least squares on day and week',
    seasons: ['day', 'week'],
    loss: 'squares',
    of: 'value',
  });
}

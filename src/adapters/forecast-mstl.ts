// Owns: the way to augurs, Grafana's library of time series, compiled to WebAssembly: seasons and trend
// by MSTL (Bandara, Hyndman and Bergmeir 2021), the trend forecast by exponential smoothing (ETS). It
// runs in this process and opens nothing.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { initSync, MSTL } from '@bsull/augurs/mstl';
import type { CurveFitter } from '../core/forecast/fitted-curve.js';

/**
 * A fitter for `FittedCurve`. The first call reads the library's WebAssembly (330 kB) from its package.
 * Throws when the package is not installed whole.
 */
export function mstlFitter(): CurveFitter {
  load();
  return { name: 'seasons and trend (MSTL, ETS)', fit };
}

let loaded = false;

/** The library fetches its bytes by URL, which Node does not do for files: they are handed to it. */
function load(): void {
  if (loaded) return;
  const module = createRequire(import.meta.url).resolve('@bsull/augurs/mstl');
  initSync({ module: readFileSync(module.replace(/\.js$/, '_bg.wasm')) });
  loaded = true;
}

function fit(
  values: Float64Array,
  seasons: readonly number[],
  steps: number,
): readonly number[] | undefined {
  // Nothing to decompose; the library's search for a trend ends in an error there.
  if (values.every((value) => value === values[0])) return undefined;
  let model: MSTL | undefined;
  try {
    model = MSTL.ets(Uint32Array.from(seasons));
    model.fit(values);
    const { point } = model.predict(steps);
    return point.every((value) => Number.isFinite(value)) ? point : undefined;
  } catch {
    // It refuses some series, such as those with a season of one step: then this model sits out.
    return undefined;
  } finally {
    model?.free();
  }
}

// Owns: what a service in virtual time is to the replay, whoever scales it. Types only.

import type { Forecast } from '../core/scaling/forecast.js';
import type { Figures } from './account.js';

export interface Tick {
  readonly nowMs: number;
  /** Connected users of the whole service. */
  readonly load: number;
  readonly forecast: Forecast | undefined;
  /** Whether it is counted. */
  readonly counted: boolean;
}

export interface World {
  readonly name: string;
  /** Evaluations of one row of the trace, at least one. */
  readonly ticksPerRow: number;
  tick(at: Tick): void;
  /** Instances that serve now. */
  readonly instances: number;
  figures(): Figures;
}

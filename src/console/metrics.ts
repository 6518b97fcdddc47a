// Owns: what the console tells Prometheus about itself: who looks, how old what they see is, what was asked for
// and who could not log in. Never a name of a person.

import { Counter, Gauge, type Registry } from 'prom-client';
import type { ActionName } from './picture.js';

export interface ConsoleMetrics {
  acted(action: ActionName, ok: boolean): void;
  loggedIn(ok: boolean): void;
}

export function consoleMetrics(
  registry: Registry,
  seen: {
    readonly viewers: () => number;
    /** Of each service that is looked at: how old its figures are, in ms. */
    readonly agesMs: () => ReadonlyMap<string, number>;
  },
): ConsoleMetrics {
  new Gauge({
    name: 'evenkeel_console_viewers',
    help: 'Pages that are open.',
    registers: [registry],
    collect() {
      this.set(seen.viewers());
    },
  });
  new Gauge({
    name: 'evenkeel_console_figures_age_seconds',
    help: 'How old the figures of a service are that pages show.',
    labelNames: ['service'],
    registers: [registry],
    collect() {
      this.reset(); // Whom nobody looks at has no figures.
      for (const [service, ageMs] of seen.agesMs()) this.set({ service }, ageMs / 1_000);
    },
  });
  const actions = new Counter({
    name: 'evenkeel_console_actions_total',
    help: 'What buttons asked for, by action and outcome.',
    labelNames: ['action', 'outcome'],
    registers: [registry],
  });
  const logins = new Counter({
    name: 'evenkeel_console_logins_total',
    help: 'Who tried to log in, by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of ['done', 'refused']) logins.inc({ outcome }, 0);
  const outcomeOf = (ok: boolean) => ({ outcome: ok ? 'done' : 'refused' });
  return {
    acted: (action, ok) => actions.inc({ action, ...outcomeOf(ok) }),
    loggedIn: (ok) => logins.inc(outcomeOf(ok)),
  };
}

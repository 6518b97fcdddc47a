// The three probes of a container, by HTTP, in the periods that its manifest names. Startup holds the
// other two back; liveness and startup that fail often enough end the life.

import type { V1Container, V1Probe } from '@kubernetes/client-node';

export interface ProbeOutcome {
  /** The startup probe has succeeded once (or there is none). */
  readonly started: boolean;
  readonly ready: boolean;
}

export interface Probing {
  outcome(): ProbeOutcome;
  /** A pod that is being ended is asked for its readiness only. */
  endsSoon(): void;
  stop(): void;
}

export function probe(
  container: V1Container,
  options: {
    readonly address: string;
    readonly onChange: () => void;
    /** The life is to be ended, with why. */
    readonly onDead: (why: string) => void;
  },
): Probing {
  const { startupProbe, livenessProbe, readinessProbe } = container;
  let started = startupProbe === undefined;
  let ready = false;
  let stopped = false;
  let ending = false;
  const timers = new Set<NodeJS.Timeout>();

  /** Asks until `stop`; `tell` learns each verdict that thresholds make of the answers. */
  const repeat = (spec: V1Probe, tell: (good: boolean) => void, isDue: () => boolean): void => {
    const periodMs = (spec.periodSeconds ?? 10) * 1_000;
    let failures = 0;
    let successes = 0;
    const round = async (): Promise<void> => {
      if (stopped) return;
      if (isDue()) {
        const good = await asks(spec, container, options.address);
        if (stopped) return;
        failures = good ? 0 : failures + 1;
        successes = good ? successes + 1 : 0;
        if (successes >= (spec.successThreshold ?? 1)) tell(true);
        if (failures >= (spec.failureThreshold ?? 3)) tell(false);
      }
      later(round, periodMs);
    };
    later(round, (spec.initialDelaySeconds ?? 0) * 1_000);
  };
  const later = (act: () => Promise<void>, ms: number): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      void act();
    }, ms);
    timers.add(timer);
  };

  const watchStarted = (): void => {
    if (livenessProbe !== undefined) {
      const dead = () => options.onDead('failed liveness probe');
      repeat(
        livenessProbe,
        (good) => void (good || dead()),
        () => !ending,
      );
    }
    const tell = (good: boolean): void => {
      if (good === ready) return;
      ready = good;
      options.onChange();
    };
    if (readinessProbe === undefined) tell(true);
    else repeat(readinessProbe, tell, () => true);
  };

  if (startupProbe === undefined) watchStarted();
  else {
    const tell = (good: boolean): void => {
      if (started) return;
      if (!good) return options.onDead('failed startup probe');
      started = true;
      options.onChange();
      watchStarted();
    };
    repeat(startupProbe, tell, () => !started && !ending);
  }
  return {
    outcome: () => ({ started, ready }),
    endsSoon: () => void (ending = true),
    stop: () => {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

async function asks(spec: V1Probe, container: V1Container, address: string): Promise<boolean> {
  const { httpGet } = spec;
  if (httpGet === undefined) throw new Error('only probes by HTTP are played here');
  const port = portOf(container, httpGet.port);
  try {
    const signal = AbortSignal.timeout((spec.timeoutSeconds ?? 1) * 1_000);
    const answer = await fetch(`http://${address}:${port}${httpGet.path ?? '/'}`, { signal });
    await answer.body?.cancel();
    return answer.status >= 200 && answer.status < 400;
  } catch {
    return false;
  }
}

/** A number, or the name of one of the container's ports. */
export function portOf(container: V1Container, port: number | string): number {
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  return named ?? Number(port);
}

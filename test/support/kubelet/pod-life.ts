// One pod on a node of the process kubelet, from its binding to the removal of its object:
//
//   pulling ──► creating ──► running ──exit──► back-off ──► running …
//      └───────────┴────────────┴── deleted: preStop, SIGTERM, grace, SIGKILL ──► reported, object removed
//
// Owns the order; the process is container.ts, its probes are probing.ts, the words are pod-status.ts.

import {
  PatchStrategy,
  setHeaderOptions,
  type CoreV1Api,
  type V1Container,
  type V1LifecycleHandler,
  type V1Pod,
} from '@kubernetes/client-node';
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnGuarded } from '../../../stack/guarded.js';
import { startContainer, type ContainerLife, type EndOfLife } from './container.js';
import { ContainerConfigError, environmentOf } from './environment.js';
import { podStatus, type ContainerFacts } from './pod-status.js';
import { portOf, probe, type Probing } from './probing.js';
import * as timing from './timing.js';

export interface PodLife {
  readonly uid: string;
  readonly name: string;
  /** What the API server says now. */
  update(pod: V1Pod): void;
  /** To the process of its container, if one runs. */
  signal(signal: NodeJS.Signals): void;
  /** Ends the process at once, and starts no other. */
  destroy(): Promise<void>;
  /** Resolves when the pod's object is removed. */
  readonly over: Promise<void>;
}

export interface PodSurroundings {
  readonly core: CoreV1Api;
  /** Of this pod alone. */
  readonly directory: string;
  readonly address: string;
  readonly podIp: string;
  /** Where an image lies; null when the registry does not have it. */
  readonly rootOf: (image: string) => string | null;
  /** Whether the node can be heard; while it is not, nothing is reported. */
  readonly isHeard: () => boolean;
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

export function runPod(first: V1Pod, around: PodSurroundings): PodLife {
  const { core, directory, address } = around;
  const name = first.metadata?.name ?? '';
  const namespace = first.metadata?.namespace ?? '';
  const uid = first.metadata?.uid ?? '';
  const container = first.spec?.containers[0] as V1Container;
  let pod = first;
  let facts: ContainerFacts = { kind: 'waiting', reason: 'ContainerCreating' };
  let last: EndOfLife | undefined;
  let restarts = 0;
  let over = false;
  let destroyed = false;
  let life: ContainerLife | undefined;
  let probing: Probing | undefined;
  let deleted: () => void = () => undefined;
  const deletion = new Promise<void>((resolve) => (deleted = resolve));
  const isDeleted = (): boolean => pod.metadata?.deletionTimestamp !== undefined || destroyed;

  // ---- reporting: one call at a time, always of the present facts

  let reporting: Promise<void> | undefined;
  let again = false;
  const report = (): Promise<void> => {
    again = true;
    reporting ??= (async () => {
      while (again && !destroyed) {
        again = false;
        await tell();
      }
      reporting = undefined;
    })();
    return reporting;
  };
  const tell = async (): Promise<void> => {
    const outcome = probing?.outcome() ?? { started: false, ready: false };
    const known = { container: facts, last, restarts, ...outcome, podIp: around.podIp, over };
    const status = podStatus(pod, known, new Date());
    const strategic = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);
    const body = { metadata: { uid }, status };
    await insist(() => core.patchNamespacedPodStatus({ name, namespace, body }, strategic));
  };
  /** Until it is done, or the object is not ours any more. */
  const insist = async (call: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      while (!around.isHeard() && !destroyed) await sleep(timing.repeatCallAfterMs);
      if (destroyed) return;
      try {
        return void (await call());
      } catch (error) {
        const { code } = error as { code?: number };
        if (code === 404 || code === 409) return;
        around.log('call failed', { pod: name, error: String(error).slice(0, 500) });
        await sleep(timing.repeatCallAfterMs);
      }
    }
  };
  const become = (next: ContainerFacts): void => {
    facts = next;
    void report();
  };
  /** False when the pod was deleted meanwhile. */
  const pause = async (ms: number): Promise<boolean> => {
    await Promise.race([sleep(ms), deletion]);
    return !isDeleted();
  };

  // ---- its life

  const run = async (): Promise<void> => {
    mkdirSync(directory, { recursive: true });
    become(facts);
    if (await pulled()) await live();
    over = true;
    if (facts.kind === 'terminated') await report();
    // In the body: with one, the API server does not look at the query.
    const body = { gracePeriodSeconds: 0, preconditions: { uid } };
    await insist(() => core.deleteNamespacedPod({ name, namespace, body }));
  };

  const pulled = async (): Promise<boolean> => {
    const image = container.image ?? '';
    while (around.rootOf(image) === null) {
      const message = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": not found`;
      become({ kind: 'waiting', reason: 'ErrImagePull', message });
      if (!(await pause(timing.pullAgainAfterMs))) return false;
      const backOff = `Back-off pulling image "${image}": ErrImagePull: ${message}`;
      become({ kind: 'waiting', reason: 'ImagePullBackOff', message: backOff });
      if (!(await pause(timing.pullAgainAfterMs))) return false;
    }
    return !isDeleted();
  };

  const live = async (): Promise<void> => {
    let failures = 0;
    for (let attempt = 0; !isDeleted(); attempt += 1) {
      const end = await oneLife(attempt);
      if (end === undefined) continue;
      if (isDeleted()) return become({ kind: 'terminated', end });
      last = end;
      const livedMs = end.finishedAt.getTime() - end.startedAt.getTime();
      failures = livedMs > timing.stableAfterMs ? 1 : failures + 1;
      const steps = timing.crashBackOffMs;
      const waitMs = steps[Math.min(failures, steps.length) - 1] ?? 0;
      if (waitMs === 0) become({ kind: 'terminated', end });
      else {
        const message = `back-off ${waitMs}ms restarting failed container=${container.name} pod=${name}`;
        become({ kind: 'waiting', reason: 'CrashLoopBackOff', message });
      }
      if (!(await pause(waitMs))) return become({ kind: 'terminated', end });
    }
  };

  /** Undefined when it could not be started at all: that is tried again. */
  const oneLife = async (attempt: number): Promise<EndOfLife | undefined> => {
    try {
      const env = await environmentOf(core, { pod, container, directory });
      const root = around.rootOf(container.image ?? '') ?? directory;
      life = await startContainer({ container, env, root, directory, address, attempt });
    } catch (error) {
      const reason =
        error instanceof ContainerConfigError ? 'CreateContainerConfigError' : 'RunContainerError';
      become({ kind: 'waiting', reason, message: (error as Error).message });
      await pause(timing.pullAgainAfterMs);
      return undefined;
    }
    const { containerID, startedAt } = life;
    around.log('started', { pod: name, uid, attempt, pid: life.pid, image: container.image });
    const living = life;
    // Counted when the next life begins, as a kubelet does.
    restarts = attempt;
    probing = probe(container, {
      address,
      onChange: () => void report(),
      onDead: (why) => {
        around.log('killed', { pod: name, why });
        void endPolitely(living, probing);
      },
    });
    become({ kind: 'running', containerID, startedAt });
    const first = await Promise.race([life.ended, deletion]);
    const end = first ?? (await endPolitely(life, probing));
    probing.stop();
    probing = undefined;
    life = undefined;
    around.log('ended', { pod: name, uid, attempt, exitCode: end.exitCode, signal: end.signal });
    return end;
  };

  /** preStop and SIGTERM within the grace period, SIGKILL at its end. */
  const endPolitely = async (living: ContainerLife, asked?: Probing): Promise<EndOfLife> => {
    asked?.endsSoon();
    const graceS =
      pod.metadata?.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30;
    const kill = setTimeout(() => living.signal('SIGKILL'), destroyed ? 0 : graceS * 1_000);
    const hook = container.lifecycle?.preStop;
    if (hook !== undefined && !destroyed) {
      await Promise.race([living.ended, preStop(hook), sleep(graceS * 1_000)]);
    }
    if (living.isRunning()) living.signal('SIGTERM');
    const end = await living.ended;
    clearTimeout(kill);
    return end;
  };

  const preStop = async (hook: V1LifecycleHandler): Promise<void> => {
    try {
      if (hook.sleep !== undefined) await sleep(hook.sleep.seconds * 1_000);
      else if (hook.httpGet !== undefined) {
        const { port, path } = hook.httpGet;
        await fetch(`http://${address}:${portOf(container, port)}${path ?? '/'}`);
      } else if (hook.exec?.command !== undefined) {
        const [command = 'true', ...args] = hook.exec.command;
        await (
          await spawnGuarded('preStop', command, args)
        ).exited;
      }
    } catch (error) {
      around.log('preStop failed', { pod: name, error: String(error) });
    }
  };

  if (isDeleted()) deleted();
  return {
    uid,
    name,
    update: (next) => {
      pod = next;
      if (isDeleted()) deleted();
    },
    signal: (signal) => life?.signal(signal),
    destroy: async () => {
      destroyed = true;
      deleted();
      life?.signal('SIGCONT');
      life?.signal('SIGKILL');
      await life?.ended;
    },
    over: run(),
  };
}

// One pod on a node of the process kubelet, from its binding to the removal of its object:
//
//   pulling ──► init containers ──► running ──exit──► back-off ──► running …
//      └──────────────┴────────────────┴── deleted: preStop, SIGTERM, grace, SIGKILL ──► reported, object removed
//
// A pod that is not to be restarted (a Job's, a hook's) is over with its container and stays until somebody
// removes it. Owns the order; the process is container.ts, its probes are probing.ts, the words are
// pod-status.ts.

import type { CoreV1Api, V1Container, V1LifecycleHandler, V1Pod } from '@kubernetes/client-node';
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnGuarded } from '../../../stack/guarded.js';
import { confine, isConfined } from './confinement.js';
import {
  startContainer,
  type ContainerLife,
  type EndOfLife,
  type ExecResult,
} from './container.js';
import { environmentOf } from './environment.js';
import type { Image } from './image.js';
import type { PodNetwork } from './network.js';
import { ContainerConfigError } from './objects.js';
import { podStatus, type ContainerFacts } from './pod-status.js';
import { portOf, probe, type Probing } from './probing.js';
import { reportOn } from './reporting.js';
import * as timing from './timing.js';

export interface PodLife {
  readonly uid: string;
  readonly name: string;
  /** What the API server says now. */
  update(pod: V1Pod): void;
  /** To the process of its container, if one runs. */
  signal(signal: NodeJS.Signals): void;
  /** Another program in its container, as by `kubectl exec`. */
  exec(command: readonly string[]): Promise<ExecResult>;
  /** Ends the process at once, and starts no other. */
  destroy(): Promise<void>;
  /** Resolves when the pod's object is removed. */
  readonly over: Promise<void>;
}

export interface PodSurroundings {
  readonly core: CoreV1Api;
  /** Of this pod alone. */
  readonly directory: string;
  readonly image: Image;
  readonly network: PodNetwork;
  /** Where the API server is. */
  readonly server: URL;
  /** Where an image lies; null when the registry does not have it. */
  readonly rootOf: (image: string) => string | null;
  /** Whether the node can be heard; while it is not, nothing is reported. */
  readonly isHeard: () => boolean;
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

export function runPod(first: V1Pod, around: PodSurroundings): PodLife {
  const { core, directory, image, network, server } = around;
  const [address, podIp] = [network.addressOf(first), network.podIpOf(first)];
  const name = first.metadata?.name ?? '';
  const namespace = first.metadata?.namespace ?? '';
  const uid = first.metadata?.uid ?? '';
  const container = first.spec?.containers[0] as V1Container;
  const restartPolicy = first.spec?.restartPolicy ?? 'Always';
  const inits = new Map<string, ContainerFacts>();
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

  const statusNow = () => {
    const outcome = probing?.outcome() ?? { started: false, ready: false };
    const known = { container: facts, last, restarts, ...outcome, podIp, inits, over };
    return podStatus(pod, known, new Date());
  };
  const { isHeard, log } = around;
  const { report, removeObject } = reportOn(
    { name, namespace, uid },
    { core, isHeard, isOver: () => destroyed, statusNow, log },
  );
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
    if ((await pulled()) && (await initialized())) await live();
    over = true;
    await report();
    if (restartPolicy !== 'Always') await deletion;
    await removeObject();
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

  /** One after the other; false when one failed for good. */
  const initialized = async (): Promise<boolean> => {
    for (const init of first.spec?.initContainers ?? []) {
      const tell = (next: ContainerFacts) => {
        inits.set(init.name, next);
        void report();
      };
      for (let attempt = 0; ; attempt += 1) {
        const end = await oneLife(init, attempt, tell);
        if (isDeleted()) return false;
        if (end !== undefined) tell({ kind: 'terminated', end });
        if (end?.exitCode === 0) break;
        if (end !== undefined && restartPolicy === 'Never') return false;
        if (!(await pause(timing.pullAgainAfterMs))) return false;
      }
    }
    return true;
  };

  const live = async (): Promise<void> => {
    let failures = 0;
    for (let attempt = 0; !isDeleted(); attempt += 1) {
      const end = await oneLife(container, attempt, become);
      if (end === undefined) continue;
      const isLast =
        restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && end.exitCode === 0);
      if (isDeleted() || isLast) return become({ kind: 'terminated', end });
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
  const oneLife = async (
    container: V1Container,
    attempt: number,
    become: (next: ContainerFacts) => void,
  ): Promise<EndOfLife | undefined> => {
    try {
      life = await begin(container, attempt);
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

  const begin = async (container: V1Container, attempt: number): Promise<ContainerLife> => {
    const env = await environmentOf(core, { pod, container });
    const confined = async (messageFile: string) => {
      const hosts = await network.names(core, namespace);
      const of = { core, pod, container, image, env, directory, hosts, server };
      return confine({ ...of, messageFile });
    };
    const how = isConfined(container) ? confined : undefined;
    return startContainer({
      ...{ container, image, env, directory, address, attempt },
      root: around.rootOf(container.image ?? '') ?? directory,
      confine: how,
    });
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
      around.log('preStop over', { pod: name, uid, isRunning: living.isRunning() });
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
    exec: (command) => {
      if (life === undefined) throw new Error(`no container of ${name} runs`);
      return life.exec(command);
    },
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

// What a kubelet tells the API server about a pod, from what it knows: the phase, the conditions and the
// status of the one container. Pure.

import type {
  V1Container,
  V1ContainerState,
  V1ContainerStatus,
  V1Pod,
  V1PodCondition,
  V1PodStatus,
} from '@kubernetes/client-node';
import type { EndOfLife } from './container.js';

export type ContainerFacts =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly kind: 'running'; readonly containerID: string; readonly startedAt: Date }
  | { readonly kind: 'terminated'; readonly end: EndOfLife };

export interface PodFacts {
  readonly container: ContainerFacts;
  readonly last: EndOfLife | undefined;
  readonly restarts: number;
  readonly started: boolean;
  readonly ready: boolean;
  readonly podIp: string;
  /** By name, how the init containers are that have begun. */
  readonly inits: ReadonlyMap<string, ContainerFacts>;
  /** The pod is over: no container of it is started any more. */
  readonly over: boolean;
}

export function podStatus(pod: V1Pod, facts: PodFacts, now: Date): V1PodStatus {
  const [container] = pod.spec?.containers ?? [];
  if (container === undefined) throw new Error('a pod without a container');
  const { last } = facts;
  const running = facts.container.kind === 'running';
  const ready = running && facts.ready;
  const containerID =
    facts.container.kind === 'running' ? facts.container.containerID : last?.containerID;
  const condition = (type: string, is: boolean, reason?: string): V1PodCondition => {
    const status = is ? 'True' : 'False';
    const before = pod.status?.conditions?.find((one) => one.type === type);
    const since = before?.status === status ? before.lastTransitionTime : undefined;
    return {
      type,
      status,
      lastTransitionTime: since ?? now,
      ...(is || reason === undefined ? {} : { reason }),
    };
  };
  return {
    phase: phaseOf(facts),
    podIP: facts.podIp,
    podIPs: [{ ip: facts.podIp }],
    hostIP: '192.0.2.2',
    conditions: [
      condition('Initialized', isInitialized(pod, facts), 'ContainersNotInitialized'),
      condition('ContainersReady', ready, 'ContainersNotReady'),
      condition('Ready', ready, 'ContainersNotReady'),
    ],
    initContainerStatuses: [...facts.inits].map(([name, how]) => ({
      ...blank({ name }),
      ready: how.kind === 'terminated' && how.end.exitCode === 0,
      state: stateOf(how),
    })),
    containerStatuses: [
      {
        ...blank(container),
        ready,
        started: running && facts.started,
        restartCount: facts.restarts,
        state: stateOf(facts.container),
        lastState: last === undefined ? {} : { terminated: terminated(last) },
        ...(containerID === undefined ? {} : { containerID }),
      },
    ],
  };
}

const blank = ({ name, image = '' }: V1Container): V1ContainerStatus => ({
  ...{ name, image, imageID: '', ready: false, restartCount: 0 },
});

const isInitialized = (pod: V1Pod, { inits }: PodFacts): boolean =>
  (pod.spec?.initContainers ?? []).every(({ name }) => {
    const how = inits.get(name);
    return how?.kind === 'terminated' && how.end.exitCode === 0;
  });

function phaseOf({ container, over, last, inits }: PodFacts): string {
  const failed = [...inits.values()].some((how) => how.kind === 'terminated' && how.end.exitCode);
  if (over && failed) return 'Failed';
  if (over && container.kind === 'terminated') {
    return container.end.exitCode === 0 ? 'Succeeded' : 'Failed';
  }
  return container.kind === 'waiting' && last === undefined ? 'Pending' : 'Running';
}

function stateOf(facts: ContainerFacts): V1ContainerState {
  switch (facts.kind) {
    case 'waiting':
      return {
        waiting: {
          reason: facts.reason,
          ...(facts.message === undefined ? {} : { message: facts.message }),
        },
      };
    case 'running':
      return { running: { startedAt: facts.startedAt } };
    case 'terminated':
      return { terminated: terminated(facts.end) };
  }
}

const terminated = (end: EndOfLife) => ({ ...end });

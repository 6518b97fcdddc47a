// Owns: what doctor says of the StatefulSet that runs a service: permissions, order, other scalers, and
// why pods are not Ready. Asks nobody.

import type { StatefulSetInspection } from '../../adapters/kubernetes/inspect.js';
import type { PlatformView } from '../../ports.js';
import { fault, ok, warning, type Finding } from './finding.js';

export function checkKubernetes(seen: StatefulSetInspection): readonly Finding[] {
  const { statefulSet, namespace, denied, deniedToRoll, autoscalers, troubles } = seen;
  const { state, isOnDelete } = seen;
  const inNamespace = `--namespace ${namespace}`;
  return [
    denied.length === 0
      ? ok(
          'permissions',
          `may do all that is needed with StatefulSet ${statefulSet} in ${namespace}`,
        )
      : fault(
          'permissions',
          `may not: ${denied.join(', ')}, in namespace ${namespace}`,
          `bind the chart's Role to this user or service account; check: kubectl auth can-i ${denied[0]} ${inNamespace}`,
        ),
    ...(denied.length > 0 || deniedToRoll.length === 0
      ? []
      : [
          warning(
            'roll-permissions',
            `may not: ${deniedToRoll.join(', ')}, in namespace ${namespace}: evenkeel roll will fail`,
            `set rbac.restartInstances: true in the chart's values, if it shall roll; check: kubectl auth can-i ${deniedToRoll[0]} ${inNamespace}`,
          ),
        ]),
    ...(isOnDelete === false
      ? [
          warning(
            'update-strategy',
            `StatefulSet ${statefulSet} is not OnDelete: Kubernetes itself restarts every instance when the template changes, and evenkeel roll refuses`,
            `kubectl patch statefulset ${statefulSet} ${inNamespace} --type merge --patch '{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}}'`,
          ),
        ]
      : []),
    ...(state === 'missing'
      ? [
          fault(
            'stateful-set',
            `there is no StatefulSet ${statefulSet} in namespace ${namespace}`,
            'install the chart, or correct EVENKEEL_NAMESPACE or EVENKEEL_STATEFULSETS',
          ),
        ]
      : []),
    ...(state === 'ordered'
      ? [
          fault(
            'stateful-set',
            `StatefulSet ${statefulSet} is OrderedReady: one pod that is not Ready holds up all others`,
            `set podManagementPolicy: Parallel in its manifest, then kubectl delete statefulset ${statefulSet} ${inNamespace} --cascade=orphan, and apply it again (its pods stay)`,
          ),
        ]
      : []),
    ...(state === 'parallel' ? [ok('stateful-set', `${statefulSet} is there and Parallel`)] : []),
    ...(autoscalers ?? []).map((name) =>
      fault(
        'autoscaler',
        `HorizontalPodAutoscaler ${name} scales StatefulSet ${statefulSet}, too: it removes instances with everybody on them`,
        `kubectl delete hpa ${name} ${inNamespace}; the policy of Evenkeel scales this service`,
      ),
    ),
    ...troubles.map((trouble) =>
      warning('pods', trouble, `kubectl describe pod ${trouble.split(':')[0]} ${inNamespace}`),
    ),
  ];
}

/** Somebody else changed the number: it counts, but a person should know. */
export function foreignFinding({ foreign, replicas }: PlatformView): readonly Finding[] {
  if (foreign === undefined) return [];
  return [
    warning(
      'scaled-by-others',
      `${foreign.by ?? 'somebody else'} changed the number of instances from ${foreign.from} to ${replicas}`,
      'instances were started or ended without a hand-over; set the number by the policy or evenkeel rebalance instead',
    ),
  ];
}

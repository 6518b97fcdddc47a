// Owns: what doctor says of the StatefulSet that runs a service: permissions, order, other scalers, and
// why pods are not Ready. Asks nobody.

import type { StatefulSetInspection } from '../../adapters/kubernetes/inspect.js';
import { roleManifest } from '../../adapters/kubernetes/mend.js';
import type { PlatformView } from '../../ports.js';
import { scaledByOthersText } from '../../adapters/scaled-by-others.js';
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
          `${seen.username} may not: ${denied.join(', ')}, in namespace ${namespace}`,
          permissionsMend(seen),
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
            `there is no StatefulSet ${statefulSet} in namespace ${namespace} at ${seen.server}`,
            [
              'install the chart there, or say which one it is (EVENKEEL_NAMESPACE, EVENKEEL_STATEFULSETS, EVENKEEL_KUBECONTEXT); these are there:',
              '  kubectl get statefulsets --all-namespaces',
            ].join('\n'),
          ),
        ]
      : []),
    ...(state === 'ordered'
      ? [
          fault(
            'stateful-set',
            `StatefulSet ${statefulSet} is OrderedReady: one pod that is not Ready holds up all others`,
            [
              'the field cannot be changed: make it anew around its pods, which stay and go on',
              `  kubectl get statefulset ${statefulSet} ${inNamespace} -o yaml |`,
              "    sed -e '/^  resourceVersion:/d' -e 's/OrderedReady/Parallel/' > set.yaml",
              `  kubectl delete statefulset ${statefulSet} ${inNamespace} --cascade=orphan`,
              '  kubectl create -f set.yaml',
              'and say podManagementPolicy: Parallel wherever its manifest is kept',
            ].join('\n'),
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

function permissionsMend({
  statefulSet,
  namespace,
  username,
  denied,
}: StatefulSetInspection): string {
  const manifest = roleManifest(statefulSet, namespace, { username }).split('\n');
  return [
    'the chart binds a Role with these rights to its worker; for anybody else: kubectl apply -f of this',
    ...manifest.map((line) => `  ${line}`),
    'and look again',
    `  kubectl auth can-i ${denied[0]} --namespace ${namespace} --as ${username}`,
  ].join('\n');
}

/** Somebody else changed the number: it counts, but a person should know. */
export function foreignFinding(view: PlatformView): readonly Finding[] {
  const found = scaledByOthersText(view);
  if (found === undefined) return [];
  const { service, foreign, replicas } = view;
  return [
    warning(
      'scaled-by-others',
      found,
      `instances were started or ended without a hand-over; it stays as it is until a rebalance is asked for: evenkeel rebalance ${service} --to ${replicas} keeps it, --to ${foreign?.from} takes it back`,
    ),
  ];
}

// Owns: the sentences about a StatefulSet that cannot be worked with, each with the command or the YAML
// that mends it.

import { BadInputError } from '../../errors.js';

export function missingStatefulSet(
  service: string,
  name: string,
  namespace: string,
  cause: unknown,
): BadInputError {
  return new BadInputError(
    `service ${service} has no StatefulSet ${name} in namespace ${namespace}: install the chart there, ` +
      `or name the right one (EVENKEEL_NAMESPACE, EVENKEEL_STATEFULSETS=${service}=NAME); ` +
      `these are there: kubectl get statefulsets --all-namespaces`,
    { field: 'service', found: service, allowed: 'a service whose StatefulSet exists', cause },
  );
}

export function notParallel(name: string, namespace: string): BadInputError {
  return new BadInputError(
    `StatefulSet ${name} starts its pods one after the other (podManagementPolicy: OrderedReady), so one ` +
      `pod that is not Ready would hold up all others. The field cannot be changed: set ` +
      `"podManagementPolicy: Parallel" in its manifest, then ` +
      `kubectl delete statefulset ${name} --namespace ${namespace} --cascade=orphan, and apply it again ` +
      `(its pods stay)`,
    { field: 'podManagementPolicy', found: 'OrderedReady', allowed: 'Parallel' },
  );
}

/** What the worker may do, and nothing else; the chart's Role says the same. */
export const permissions = (statefulSet: string) =>
  [
    { apiGroup: 'apps', resource: 'statefulsets', name: statefulSet, verbs: ['get', 'patch'] },
    { apiGroup: '', resource: 'pods', name: undefined, verbs: ['get', 'list', 'watch'] },
    {
      apiGroup: 'autoscaling',
      resource: 'horizontalpodautoscalers',
      name: undefined,
      verbs: ['list'],
    },
  ] as const;

export function roleNeeded(statefulSet: string, namespace: string): string {
  const rules = permissions(statefulSet).map(({ apiGroup, resource, name, verbs }) => {
    const names = name === undefined ? '' : `, resourceNames: [${name}]`;
    return `- {apiGroups: ["${apiGroup}"], resources: [${resource}]${names}, verbs: [${verbs.join(', ')}]}`;
  });
  return `Its Role in namespace ${namespace} needs these rules (the chart has them):\n${rules.join('\n')}`;
}

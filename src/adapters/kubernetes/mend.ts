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

/** A change of the template would then end instances with everybody on them. */
export function notOnDelete(name: string, namespace: string): string {
  return (
    `StatefulSet ${name} has no updateStrategy OnDelete, so Kubernetes itself would restart every ` +
    `instance when the template changes: kubectl patch statefulset ${name} --namespace ${namespace} ` +
    `--type merge --patch '{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}}'`
  );
}

export interface Permission {
  readonly apiGroup: string;
  readonly resource: string;
  readonly name: string | undefined;
  readonly verbs: readonly string[];
  readonly onlyFor?: 'roll';
}

/**
 * What the worker may do, and nothing else; the chart's Role says the same. Pods are deleted by name: the
 * first one's stands for those of all instances. What only `roll` needs may be left out.
 */
export const permissions = (statefulSet: string): readonly Permission[] => [
  { apiGroup: 'apps', resource: 'statefulsets', name: statefulSet, verbs: ['get', 'patch'] },
  { apiGroup: '', resource: 'pods', name: undefined, verbs: ['get', 'list', 'watch'] },
  {
    apiGroup: 'autoscaling',
    resource: 'horizontalpodautoscalers',
    name: undefined,
    verbs: ['list'],
  },
  {
    ...{ apiGroup: 'apps', resource: 'controllerrevisions', name: undefined, verbs: ['list'] },
    onlyFor: 'roll',
  },
  {
    ...{ apiGroup: '', resource: 'pods', name: `${statefulSet}-0`, verbs: ['delete'] },
    onlyFor: 'roll',
  },
];

/** So many instances are named in a manifest for people; whoever has more adds names. */
const namedInstances = 10;

/** Role and binding as a manifest, for who lacks them; one document, so that it may be indented as a whole. */
export function roleManifest(
  statefulSet: string,
  namespace: string,
  who: { readonly username: string },
): string {
  const name = `evenkeel-scales-${statefulSet}`;
  const [, inNamespace, account] =
    /^system:serviceaccount:([^:]+):([^:]+)$/.exec(who.username) ?? [];
  const subject =
    account === undefined
      ? ['kind: User', 'apiGroup: rbac.authorization.k8s.io', `name: ${who.username}`]
      : ['kind: ServiceAccount', `namespace: ${inNamespace}`, `name: ${account}`];
  const metadata = ['metadata:', `  name: ${name}`, `  namespace: ${namespace}`];
  const rules = permissions(statefulSet).flatMap(({ apiGroup, resource, name: of, verbs }) => [
    `- apiGroups: ['${apiGroup}']`,
    `  resources: [${resource}]`,
    ...(of === undefined ? [] : ['  resourceNames:', ...namesOf(resource, statefulSet)]),
    `  verbs: [${verbs.join(', ')}]`,
  ]);
  return [
    ...['apiVersion: v1', 'kind: List', 'items:'],
    ...item(['apiVersion: rbac.authorization.k8s.io/v1', 'kind: Role', ...metadata, 'rules:']),
    ...rules.map((line) => `      ${line}`),
    ...item(['apiVersion: rbac.authorization.k8s.io/v1', 'kind: RoleBinding', ...metadata]),
    ...['    roleRef:', '      apiGroup: rbac.authorization.k8s.io', '      kind: Role'],
    ...[`      name: ${name}`, '    subjects:'],
    ...subject.map((line, at) => `      ${at === 0 ? '- ' : '  '}${line}`),
  ].join('\n');
}

const item = ([first = '', ...rest]: readonly string[]) => [
  `  - ${first}`,
  ...rest.map((line) => `    ${line}`),
];

function namesOf(resource: string, statefulSet: string): readonly string[] {
  if (resource !== 'pods') return [`    - ${statefulSet}`];
  return Array.from({ length: namedInstances }, (_, ordinal) => `    - ${statefulSet}-${ordinal}`);
}

export function roleNeeded(statefulSet: string, namespace: string): string {
  const rules = permissions(statefulSet).map(({ apiGroup, resource, name, verbs }) => {
    const isPod = resource === 'pods';
    const names = name === undefined ? '' : `, resourceNames: [${name}${isPod ? ', …' : ''}]`;
    return `- {apiGroups: ["${apiGroup}"], resources: [${resource}]${names}, verbs: [${verbs.join(', ')}]}`;
  });
  return `Its Role in namespace ${namespace} needs these rules (the chart has them):\n${rules.join('\n')}`;
}

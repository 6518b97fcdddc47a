// Owns: the table of what the worker may ask of Kubernetes and what it may not: a call for each. Asks nobody.

export const account = 'demo-worker';

export interface Call {
  readonly what: string;
  readonly verb: string;
  /** group/resource[/subresource]; the group is empty for core. */
  readonly of: string;
  readonly name?: string;
  readonly in?: 'own' | 'other' | 'cluster';
  readonly body?: object;
  /** Instead: by the UID of the first instance's pod. */
  readonly bodyFor?: (uid: string) => object;
  readonly contentType?: string;
  readonly allowed: boolean;
}

const merge = 'application/merge-patch+json';
const operations = 'application/json-patch+json';
const scale = { spec: { replicas: 2 } };
const ours = 'apps/statefulsets';
export const calls: readonly Call[] = [
  { what: 'read its StatefulSet', verb: 'get', of: ours, name: 'messaging', allowed: true },
  {
    ...{ what: 'scale it', verb: 'patch', of: ours, name: 'messaging', body: scale },
    ...{ contentType: merge, allowed: true },
  },
  { what: 'list pods', verb: 'list', of: '/pods', allowed: true },
  { what: 'watch pods', verb: 'watch', of: '/pods', allowed: true },
  { what: 'read a pod', verb: 'get', of: '/pods', name: 'messaging-0', allowed: true },
  {
    ...{ what: 'list autoscalers', verb: 'list', of: 'autoscaling/horizontalpodautoscalers' },
    allowed: true,
  },
  {
    ...{ what: 'change its template', verb: 'patch', of: ours, name: 'messaging' },
    body: [
      { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'evenkeel:next' },
    ],
    ...{ contentType: operations, allowed: true },
  },
  {
    ...{ what: 'restart an instance', verb: 'delete', of: '/pods', name: 'messaging-0' },
    ...{ bodyFor: (uid) => ({ preconditions: { uid } }), allowed: true },
  },
  {
    ...{ what: 'list earlier templates', verb: 'list', of: 'apps/controllerrevisions' },
    allowed: true,
  },
  // The StatefulSet, otherwise
  { what: 'list StatefulSets', verb: 'list', of: ours, allowed: false },
  { what: 'read another StatefulSet', verb: 'get', of: ours, name: 'kafka', allowed: false },
  {
    ...{ what: 'scale another', verb: 'patch', of: ours, name: 'kafka', body: scale },
    ...{ contentType: merge, allowed: false },
  },
  { what: 'watch StatefulSets', verb: 'watch', of: ours, allowed: false },
  {
    ...{ what: 'scale it by the subresource', verb: 'patch', of: `${ours}/scale` },
    ...{ name: 'messaging', body: scale, contentType: merge, allowed: false },
  },
  {
    ...{ what: 'write its status', verb: 'patch', of: `${ours}/status`, name: 'messaging' },
    ...{ body: {}, contentType: merge, allowed: false },
  },
  {
    ...{ what: 'replace it', verb: 'update', of: ours, name: 'messaging', body: {} },
    allowed: false,
  },
  { what: 'delete its StatefulSet', verb: 'delete', of: ours, name: 'messaging', allowed: false },
  { what: 'make a StatefulSet', verb: 'create', of: ours, body: {}, allowed: false },
  {
    ...{ what: 'read one earlier template', verb: 'get', of: 'apps/controllerrevisions' },
    ...{ name: 'messaging-1', allowed: false },
  },
  // Pods, otherwise
  { what: 'delete another pod', verb: 'delete', of: '/pods', name: 'bff-0', allowed: false },
  {
    ...{ what: 'delete a pod beyond the most', verb: 'delete', of: '/pods', name: 'messaging-9' },
    allowed: false,
  },
  { what: 'delete all pods', verb: 'deletecollection', of: '/pods', allowed: false },
  { what: 'make a pod', verb: 'create', of: '/pods', body: {}, allowed: false },
  {
    ...{ what: 'evict a pod', verb: 'create', of: '/pods/eviction', name: 'messaging-0' },
    ...{ body: {}, allowed: false },
  },
  {
    ...{ what: 'run a command in a pod', verb: 'create', of: '/pods/exec', name: 'messaging-0' },
    allowed: false,
  },
  { what: "read a pod's log", verb: 'get', of: '/pods/log', name: 'messaging-0', allowed: false },
  {
    ...{ what: 'change a pod', verb: 'patch', of: '/pods', name: 'messaging-0', body: {} },
    ...{ contentType: merge, allowed: false },
  },
  // Everything else of the namespace
  { what: 'list secrets', verb: 'list', of: '/secrets', allowed: false },
  { what: 'read a secret', verb: 'get', of: '/secrets', name: 'evenkeel-mongodb', allowed: false },
  { what: 'list ConfigMaps', verb: 'list', of: '/configmaps', allowed: false },
  { what: 'list Deployments', verb: 'list', of: 'apps/deployments', allowed: false },
  {
    ...{ what: 'scale a Deployment', verb: 'patch', of: 'apps/deployments', name: 'bff' },
    ...{ body: scale, contentType: merge, allowed: false },
  },
  {
    ...{ what: 'make an autoscaler', verb: 'create', of: 'autoscaling/horizontalpodautoscalers' },
    ...{ body: {}, allowed: false },
  },
  { what: 'list Events', verb: 'list', of: '/events', allowed: false },
  { what: 'list Leases', verb: 'list', of: 'coordination.k8s.io/leases', allowed: false },
  {
    ...{ what: 'list disruption budgets', verb: 'list', of: 'policy/poddisruptionbudgets' },
    allowed: false,
  },
  { what: 'list Services', verb: 'list', of: '/services', allowed: false },
  {
    ...{ what: 'get a token of an account', verb: 'create', of: '/serviceaccounts/token' },
    ...{ name: account, body: {}, allowed: false },
  },
  {
    ...{ what: 'give itself more', verb: 'create', of: 'rbac.authorization.k8s.io/rolebindings' },
    ...{ body: {}, allowed: false },
  },
  // Beyond the namespace
  { what: 'list pods there', verb: 'list', of: '/pods', in: 'other', allowed: false },
  {
    ...{ what: 'read a StatefulSet there', verb: 'get', of: ours, name: 'messaging', in: 'other' },
    allowed: false,
  },
  { what: 'list nodes', verb: 'list', of: '/nodes', in: 'cluster', allowed: false },
  { what: 'list namespaces', verb: 'list', of: '/namespaces', in: 'cluster', allowed: false },
];

export const partsOf = ({ of }: Pick<Call, 'of'>) => {
  const [group = '', resource = '', subresource] = of.split('/');
  return { group, resource, subresource };
};

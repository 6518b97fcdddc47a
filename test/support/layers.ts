// The layers of the system and what each may import (ARCHITECTURE.md). Checks nothing itself.

/** Which part of the system a file belongs to. */
export function layerOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  if (isRoot(path)) return 'root';
  if (top !== 'src') return top;
  return second.replace(/\.ts$/, '');
}

/** Composition roots put everything together and are imported by nobody else. */
function isRoot(path: string): boolean {
  if (/^src\/(cli|local|load|package)\//.test(path)) return true;
  if (
    /^src\/(worker(-\w+)?|temporal-connection|schedule|search-attributes|control-plane|payload-codec|encoded-failures)\.ts$/.test(
      path,
    )
  )
    return true;
  return /^src\/.*(^|\/|-)main\.ts$/.test(path);
}

/** What each layer may import of ours, besides itself. Types of activities are looked at apart. */
export const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  errors: [],
  limits: [],
  given: ['errors'],
  documents: ['core'],
  'platform-port': [],
  'time-series-port': [],
  'probe-server': [],
  'trace-port': [],
  ports: ['core', 'documents', 'platform-port'],
  connections: ['core', 'errors', 'limits'],
  logs: ['core', 'ports', 'errors', 'limits'],
  watcher: ['core', 'ports', 'logs', 'errors', 'limits'],
  adapters: [
    'core',
    'ports',
    'time-series-port',
    'trace-port',
    'errors',
    'limits',
    'given',
    'connections',
  ],
  instance: ['core', 'ports', 'trace-port', 'errors', 'limits', 'given', 'logs'],
  client: ['core', 'errors', 'limits', 'given'],
  server: ['core', 'ports', 'errors', 'limits', 'logs', 'instance', 'connections', 'probe-server'],
  directory: ['core', 'ports', 'errors', 'limits', 'logs', 'instance', 'server'],
  messaging: ['core', 'ports', 'errors', 'limits', 'given', 'logs', 'instance', 'client', 'server'],
  conformance: ['core', 'ports', 'errors', 'limits', 'logs', 'server', 'client', 'stack'],
  supervisor: ['core', 'ports', 'errors', 'limits', 'server', 'stack'],
  // The driver, outbox, delivery and connections are simulated as they are, not as copies of them.
  simulate: ['core', 'ports', 'errors', 'limits', 'instance', 'server', 'messaging'],
  // The operators' page and its server; what they show is handed in.
  console: ['core', 'ports', 'errors', 'limits'],
  // The replay lab: what production decides with, and a model of everything else.
  lab: ['core', 'errors', 'limits'],
  config: ['core', 'errors', 'limits'],
  workflows: ['core'],
  activities: [
    'core',
    'ports',
    'time-series-port',
    'trace-port',
    'errors',
    'limits',
    'logs',
    'workflows',
  ],
};

/** The one job of each client library; nothing else may speak to that service. */
export const clientLibraries: Readonly<Record<string, readonly string[]>> = {
  kafkajs: ['adapters'],
  mongodb: ['adapters'],
  '@kubernetes/client-node': ['adapters'],
  '@bsull/augurs': ['adapters'],
  '@opentelemetry/api': ['adapters'],
  '@opentelemetry/sdk-trace-base': ['adapters'],
  '@temporalio/worker': ['root'],
  '@temporalio/activity': ['activities', 'root'],
  '@temporalio/workflow': ['workflows'],
};

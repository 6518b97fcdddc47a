// What the chart refuses, and the words in which it does. Each case is what somebody would write.
import { describe, expect, it } from 'vitest';
import { helm, chartDir, release } from './chart.js';

/** `helm template --set …`: what it says. */
async function refusal(settings: readonly string[]): Promise<string> {
  const args = settings.flatMap((setting) => ['--set-json', setting]);
  return helm(['template', release, chartDir, ...args]).then(
    () => 'accepted',
    (error: Error) => error.message,
  );
}

const sentences: readonly [sentence: string, ...settings: string[]][] = [
  // Policy
  ['policy.instances.min is 9, more than max (8)', 'policy.instances.min=9'],
  ['policy.instances.max is 8, more than the 4 partitions', 'policy.partitions=4'],
  [
    'policy.clientsPerInstance.upper is 200 and lower is 300: upper must be more than lower',
    'policy.clientsPerInstance.upper=200',
  ],
  ['upper must be more than lower', 'policy.clientsPerInstance.upper=300'],
  [
    'policy.clientsPerInstance.target is 300: it must be more than lower',
    'policy.clientsPerInstance.target=300',
  ],
  ['policy.clientsPerInstance.target is 1001: it must be', 'policy.clientsPerInstance.target=1001'],
  // Instances
  ['messaging.replicas cannot be set: the saga alone', 'messaging.replicas=3'],
  ['messaging.autoscaling cannot be set', 'messaging.autoscaling={"enabled":true}'],
  [
    'messaging.terminationGracePeriodSeconds is 30: it must be at least 31',
    'messaging.terminationGracePeriodSeconds=30',
  ],
  ['messaging.routes.host is empty', 'messaging.routes.kind="ingress"'],
  [
    'messaging.routes has neither {name} nor {ordinal}',
    'messaging.routes={"kind":"ingress","host":"chat.example.com"}',
  ],
  [
    'which is not at messaging.routes.host',
    'messaging.routes={"kind":"ingress","host":"{name}.chat.example.com"}',
  ],
  [
    'messaging.routes.gateway.parentRefs is empty',
    'messaging.routes={"kind":"gateway","host":"{name}.chat.example.com"}',
  ],
  ['messaging.url is ws://chat.example.com, without', 'messaging.url="ws://chat.example.com"'],
  // Autoscaled services
  ['services.bff.replicas is 3 beside autoscaling', 'services.bff.replicas=3'],
  ['directory.replicas is 3 beside autoscaling', 'directory.replicas=3'],
  ['services.user.autoscaling.min is 11, more than max (10)', 'services.user.autoscaling.min=11'],
  [
    'services.idgen.autoscaling has no metric',
    'serviceDefaults.autoscaling.cpuUtilization=null',
    'services.idgen.autoscaling.podMetrics={"http_requests_per_second":null}',
    'serviceDefaults.autoscaling.podMetrics={"http_requests_per_second":null}',
  ],
  [
    'services.chats.autoscaling.cpuUtilization is percent of resources.requests.cpu, which is not set',
    'serviceDefaults.resources.requests={"cpu":null}',
  ],
  ['services.extra.image needs repository and tag', 'services.extra={}'],
  [
    'services.bff.terminationGracePeriodSeconds is 5: it must be more than preStopSeconds',
    'services.bff.terminationGracePeriodSeconds=5',
  ],
  // Secrets
  ['mongodb.secretName is empty, and so is worker.credentials.mongodb', 'mongodb.secretName=""'],
  ['directory.secretName is empty', 'directory.secretName=""'],
  ['services.bff.createsSessions needs directory.secretName', 'directory.secretName=""'],
  ['messaging.jwks.configMapName is empty', 'messaging.jwks.configMapName=""'],
  [
    'kafka.sasl.secretName is empty, and so is messaging.credentials.kafkaSasl',
    'kafka.sasl.mechanism="scram-sha-512"',
  ],
  [
    'kafka.sasl.mechanism is plain without kafka.tls.enabled',
    'kafka.sasl={"mechanism":"plain","secretName":"a"}',
  ],
  ['kafka.tls.secretName is empty', 'kafka.tls={"enabled":true,"caKey":"ca.crt"}'],
  ['kafka.tls.certKey and kafka.tls.keyKey go together', 'kafka.tls.certKey="tls.crt"'],
  ['temporal.tls.secretName is empty', 'temporal.tls={"enabled":true,"caKey":"ca.crt"}'],
  ['temporal.tls.certKey and temporal.tls.keyKey go together', 'temporal.tls.keyKey="tls.key"'],
  [
    'temporal.apiKey.secretName is set without temporal.tls.enabled',
    'temporal.apiKey.secretName="a"',
  ],
  [
    'prometheus.url is empty, but policy.metrics.source is both',
    'policy.metrics={"source":"both"}',
  ],
  [
    'prometheus.tls.enabled needs an address in prometheus.url that begins with https:',
    'prometheus={"url":"http://p:9090","tls":{"enabled":true}}',
  ],
  [
    'prometheus.tls.secretName is empty',
    'prometheus={"url":"https://p","tls":{"enabled":true,"caKey":"ca.crt"}}',
  ],
  [
    'prometheus.tls.certKey and prometheus.tls.keyKey go together',
    'prometheus.tls.certKey="a.crt"',
  ],
  [
    'prometheus.token.secretName and prometheus.login.secretName are both set',
    'prometheus={"url":"https://p","token":{"secretName":"a"},"login":{"secretName":"b"}}',
  ],
  [
    'prometheus.url begins with http:, so the token or password would cross the network readable',
    'prometheus={"url":"http://p:9090","token":{"secretName":"a"}}',
  ],
  [
    'worker.deployment.name and worker.deployment.buildId go together',
    'worker.deployment.name="a"',
  ],
  ['worker.enabled is false and worker.serviceAccount empty', 'worker.enabled=false'],
  // Monitoring
  [
    'monitoring.serviceMonitor.enabled without networkPolicy.metricsFrom',
    'monitoring.serviceMonitor.enabled=true',
  ],
  // Names
  [
    'services.messaging has a name that',
    'services.messaging={"image":{"repository":"a","tag":"1"}}',
  ],
  [
    'services.messaging-3 has a name that',
    'services.messaging-3={"image":{"repository":"a","tag":"1"}}',
  ],
  ['services.worker has a name that', 'services.worker={"image":{"repository":"a","tag":"1"}}'],
  ['policy.service is default, a name that Kubernetes itself uses', 'policy.service="default"'],
  [
    'services has kubernetes, a name that Kubernetes itself uses',
    'services.kubernetes={"image":{"repository":"a","tag":"1"}}',
  ],
  ['policy.service is test, a name that pods of Evenkeel', 'policy.service="test"'],
  [
    'services.Bff is no name of a Kubernetes Service',
    'services.Bff={"image":{"repository":"a","tag":"1"}}',
  ],
];

/** Of one value alone: the schema's own words, which name the place. */
const shapes: readonly [words: RegExp, setting: string][] = [
  [/at '': additional properties 'polcy' not allowed/, 'polcy={}'],
  [/at '\/policy': additional properties 'partition' not allowed/, 'policy.partition=3'],
  [/at '\/services\/bff': additional properties 'replica' not allowed/, 'services.bff.replica=3'],
  [/at '\/services\/bff\/autoscaling'.*'minReplicas'/, 'services.bff.autoscaling.minReplicas=3'],
  [/at '\/policy\/partitions': got string, want integer/, 'policy.partitions="many"'],
  [/at '\/policy\/partitions': maximum/, 'policy.partitions=20001'],
  [/at '\/kafka\/brokers': .*host:port|at '\/kafka\/brokers'.*pattern/, 'kafka.brokers="kafka"'],
  [/at '\/kafka\/sasl\/mechanism': value must be one of/, 'kafka.sasl.mechanism="gssapi"'],
  [/at '\/prometheus\/url'/, 'prometheus.url="http://user:secret@p:9090"'],
  [/at '\/messaging\/url'/, 'messaging.url="https://{name}.chat.example.com"'],
  [/at '\/messaging\/routes\/kind'/, 'messaging.routes.kind="LoadBalancer"'],
  [/at '\/messaging\/disruptionsMax': minimum/, 'messaging.disruptionsMax=0'],
  [/at '\/services\/bff\/disruptionsMax': minimum/, 'services.bff.disruptionsMax=0'],
  [/at '\/services\/bff\/runAsUser': minimum/, 'services.bff.runAsUser=0'],
  [/at '\/worker\/replicas': minimum/, 'worker.replicas=0'],
  [/at '\/messaging\/origins\/0'/, 'messaging.origins=["chat.example.com"]'],
  [/at '\/policy\/approval'/, 'policy.approval="sometimes"'],
  [/at '': missing property 'policy'/, 'policy=null'],
  [/at '\/kafka': missing property 'tls'/, 'kafka.tls=null'],
  [/at '\/messaging': missing property 'routes'/, 'messaging.routes=null'],
  [
    /at '\/directory\/autoscaling': missing property 'behavior'/,
    'directory.autoscaling.behavior=null',
  ],
  [/at '\/serviceDefaults': missing property 'probes'/, 'serviceDefaults.probes=null'],
  [/at '\/networkPolicy\/dnsPorts': minItems/, 'networkPolicy.dnsPorts=[]'],
  [/at '\/mongodb': additional properties 'uri' not allowed/, 'mongodb.uri="mongodb://a:b@c"'],
];

describe('values that cannot work together', () => {
  it.each(sentences)('%s', async (sentence, ...settings) => {
    expect(await refusal(settings)).toContain(sentence);
  });

  it('are said all at once', async () => {
    const said = await refusal([
      'messaging.replicas=3',
      'services.bff.replicas=3',
      'policy.instances.min=9',
    ]);
    expect(said.match(/^ {2}- /gm)).toHaveLength(3);
  });
});

it.each(shapes)('%s is refused by the schema', async (words, setting) => {
  expect(await refusal([setting])).toMatch(words);
});

it('an older Kubernetes is refused', async () => {
  const args = ['template', release, chartDir, '--kube-version', '1.29.4'];
  await expect(helm(args)).rejects.toThrow('requires kubeVersion: >=1.30.0-0');
});

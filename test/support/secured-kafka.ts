// A real broker with listeners as managed services have them: TLS with a login, mutual TLS, and a plain one
// for whoever prepares and looks. Dies with this process.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { spawnGuarded } from '../../stack/guarded.js';
import { kafka } from '../../stack/parts/kafka.js';
import { reservePorts } from '../../stack/ports.js';
import { probeKafka } from '../../stack/probes.js';
import { run } from '../../stack/programs.js';
import { makeAuthority } from './certificates.js';
import { eventually } from './eventually.js';

export interface SecuredKafka {
  readonly plain: string;
  /** SASL_SSL: PLAIN for `bob`, SCRAM-SHA-512 for `ada`. */
  readonly login: string;
  /** SSL, for clients with a certificate. */
  readonly mutual: string;
  readonly passwords: { readonly ada: string; readonly bob: string };
  /** Files of the authority of everybody, and of a client. */
  readonly files: Readonly<Record<'ca' | 'cert' | 'key', string>>;
  /** Writes a file beside those. */
  file(name: string, content: string): string;
  stop(): Promise<void>;
}

const startWithinMs = 60_000;

export async function startSecuredKafka(): Promise<SecuredKafka> {
  const dir = mkdtempSync(join(tmpdir(), 'secured-kafka-'));
  const file = (name: string, content: string): string => {
    writeFileSync(join(dir, name), content);
    return join(dir, name);
  };
  const authority = makeAuthority('Authority of the test');
  const server = authority.issue({ name: 'broker', dns: ['localhost'], ips: ['127.0.0.1'] });
  const client = authority.issue({ name: 'client' });
  const files = {
    ca: file('ca.pem', authority.cert),
    cert: file('client.pem', client.cert),
    key: file('client.key', client.key),
  };
  const passwords = { ada: randomBytes(24).toString('hex'), bob: randomBytes(24).toString('hex') };
  const reserved = await reservePorts([0, 0, 0, 0]);
  const [plain, controller, login, mutual] = reserved.ports as [number, number, number, number];
  const at = (port: number) => `127.0.0.1:${port}`;
  const settings: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${at(controller)}`,
    listeners: `PLAINTEXT://${at(plain)},SASL_SSL://${at(login)},SSL://${at(mutual)},CONTROLLER://${at(controller)}`,
    'advertised.listeners': `PLAINTEXT://${at(plain)},SASL_SSL://${at(login)},SSL://${at(mutual)}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map':
      'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': file('broker.pem', server.key + server.cert),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': files.ca,
    'listener.name.ssl.ssl.client.auth': 'required',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_bob="${passwords.bob}";`,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'log.dirs': join(dir, 'logs'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'log.cleaner.dedupe.buffer.size': 8 * 1024 * 1024,
    'num.network.threads': 2,
    'num.io.threads': 4,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  const config = file('server.properties', lines.join('\n'));
  file('log4j2.properties', 'rootLogger.level=warn\n');

  const program = await kafka.find(() => undefined);
  const logFile = join(dir, 'kafka.log');
  const {
    command,
    args,
    env = {},
  } = program.command({
    ...{ ports: reserved.ports, dataDir: dir, logFile },
  });
  const isScript = command.endsWith('.sh');
  const format = isScript ? join(dirname(command), 'kafka-storage.sh') : command;
  const before = isScript ? [] : [...args.slice(0, -2), 'kafka.tools.StorageTool'];
  await run(
    format,
    [
      ...[...before, 'format', `--cluster-id=${randomBytes(16).toString('base64url')}`],
      ...['-c', config, '--add-scram', `SCRAM-SHA-512=[name=ada,password=${passwords.ada}]`],
    ],
    { env, timeoutMs: startWithinMs },
  );
  const broker = await spawnGuarded('secured-kafka', command, args, { env, logFile });
  reserved.release();
  const answers = async () => (await probeKafka(at(plain)).catch(() => 0)) > 0;
  await eventually('the broker', answers, startWithinMs);
  return {
    plain: at(plain),
    login: at(login),
    mutual: at(mutual),
    passwords,
    files,
    file,
    stop: async () => {
      await broker.stop('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

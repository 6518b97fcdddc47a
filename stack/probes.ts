// Owns: asking an address whether the right protocol answers there. Each probe throws a sentence
// that says what was found instead. Never retries; never prints credentials.
import { connect } from 'node:net';

/** Longest wait of one probe. */
export const probeWaitMs = 3_000;
/** A Metadata answer without topics is a few hundred bytes; a web server's "HTTP" reads as 1.2 GB. */
const kafkaAnswerMaxBytes = 1_000_000;

/**
 * Asks a Kafka broker ("host:port") for its metadata.
 * @returns the number of brokers that the cluster counts as alive (0 while it is starting).
 * Throws when nothing answers or something else does.
 */
export async function probeKafka(address: string): Promise<number> {
  const { host, port } = parseAddress(address);
  const request = kafkaMetadataRequest();
  return new Promise<number>((resolve, reject) => {
    const socket = connect({ host, port });
    let received = Buffer.alloc(0);
    const fail = (message: string) => {
      socket.destroy();
      reject(new Error(message));
    };
    socket.setTimeout(probeWaitMs, () => fail(`no answer within ${probeWaitMs} ms`));
    socket.once('error', (error) => fail(error.message));
    socket.once('close', () => fail('it closed the connection instead of answering as Kafka'));
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4) return;
      const size = received.readInt32BE(0);
      if (size < 12 || size > kafkaAnswerMaxBytes) return fail('what answers there is not Kafka');
      if (received.length < 4 + size) return;
      if (received.readInt32BE(4) !== correlationId) return fail('what answers there is not Kafka');
      socket.destroy();
      resolve(received.readInt32BE(12)); // After the size, correlation id and throttle time.
    });
  });
}

const correlationId = 0x6b65656c;

/** Metadata v4 for no topics, without creating any: the oldest version that Kafka 4 still answers. */
function kafkaMetadataRequest(): Buffer {
  const client = Buffer.from('evenkeel-probe');
  const body = Buffer.alloc(4 + 2 + 2 + 4 + 2 + client.length + 4 + 1);
  let at = body.writeInt32BE(body.length - 4, 0);
  at = body.writeInt16BE(3, at);
  at = body.writeInt16BE(4, at);
  at = body.writeInt32BE(correlationId, at);
  at = body.writeInt16BE(client.length, at);
  at += client.copy(body, at);
  at = body.writeInt32BE(0, at);
  body.writeInt8(0, at);
  return body;
}

/** Pings a MongoDB URI. Throws when no MongoDB protocol answers. */
export async function probeMongo(uri: string): Promise<void> {
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(uri, {
    serverSelectionTimeoutMS: probeWaitMs,
    connectTimeoutMS: probeWaitMs,
  });
  try {
    await client.db('admin').command({ ping: 1 });
  } finally {
    await client.close();
  }
}

/** Asks a Temporal frontend ("host:port") for its version. Throws when none answers. */
export async function probeTemporal(address: string): Promise<string> {
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address, connectTimeout: probeWaitMs });
  try {
    const cluster = await connection.withDeadline(Date.now() + probeWaitMs, () =>
      connection.workflowService.getClusterInfo({}),
    );
    return cluster.serverVersion ?? 'unknown';
  } finally {
    await connection.close();
  }
}

/** True when an HTTP server answers at all. */
export async function probeHttp(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(probeWaitMs) });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}

/** Splits "host:port". Throws a sentence when it is something else. */
export function parseAddress(address: string): { host: string; port: number } {
  const match = /^\[?([^\s/@]+?)\]?:(\d{1,5})$/.exec(address.trim());
  const port = Number(match?.[2]);
  if (match?.[1] === undefined || port < 1 || port > 65_535) {
    throw new Error(`"${address}" is not host:port`);
  }
  return { host: match[1], port };
}

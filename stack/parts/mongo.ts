// Owns: the MongoDB of the local stack: `mongod` as a replica set of one where there is one, and
// otherwise a server in Java that speaks its protocol (see ../mongo/ConfigDbServer.java).
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { checkoutDir } from '../checkout.js';
import { copyJars, findJava } from '../maven.js';
import { missingProgram, type Part, type PartProgram } from '../part.js';
import { cachedOrBuilt } from '../part-cache.js';
import { probeMongo } from '../probes.js';
import { findOnPath, run } from '../programs.js';

const version = '1.47.0';
const source = join(checkoutDir, 'stack', 'mongo', 'ConfigDbServer.java');
const compileMs = 120_000;

export const mongo: Part = {
  name: 'mongo',
  title: `the MongoDB-protocol server (mongo-java-server ${version})`,
  product: 'MongoDB',
  variable: 'MONGODB_URI',
  defaultPorts: [27017],
  startWaitMs: 60_000,
  env: ([port]) => ({ MONGODB_URI: `mongodb://127.0.0.1:${port}` }),
  check: probeMongo,
  find: async (onProgress) => {
    const onPath = findOnPath('mongod');
    if (onPath !== undefined) return replicaSet(onPath);
    // The name holds a digest of our own source, so that a changed one is compiled again.
    const digest = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 8);
    const { directory, from } = await cachedOrBuilt(
      { key: `mongo-${version}-${digest}`, title: mongo.title, estimateS: 10, build: buildServer },
      onProgress,
    );
    const command = await findJava(mongo, 'mongod');
    const classPath = [join(directory, 'classes'), join(directory, 'jars', '*')].join(delimiter);
    return {
      origin: from,
      command: ({ ports: [port], dataDir }) => ({
        command,
        args: [
          '-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto'.split(' '),
          ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', classPath, 'ConfigDbServer'],
          ['127.0.0.1', String(port), join(dataDir, 'configdb.mv')],
        ].flat(),
      }),
    };
  },
};

async function buildServer(directory: string): Promise<'build'> {
  await findJava(mongo, 'mongod');
  const javac = findOnPath('javac');
  if (javac === undefined)
    throw missingProgram(mongo, 'the Java compiler (`javac`, JDK 17)', 'mongod');
  const artifacts = [
    `de.bwaldvogel:mongo-java-server-h2-backend:${version}`,
    'org.slf4j:slf4j-simple:2.0.17',
  ] as const;
  await copyJars(mongo, 'mongod', artifacts, directory);
  const classes = join(directory, 'classes');
  mkdirSync(classes);
  await run(javac, ['-d', classes, '-cp', join(directory, 'jars', '*'), source], {
    timeoutMs: compileMs,
  });
  return 'build';
}

/** A real server needs to be told once that it is a replica set, which transactions want. */
function replicaSet(command: string): PartProgram {
  const uri = (port: number | undefined) =>
    `mongodb://127.0.0.1:${port}/?replicaSet=evenkeel&directConnection=true`;
  return {
    origin: 'path',
    env: ([port]) => ({ MONGODB_URI: uri(port) }),
    command: ({ ports: [port], dataDir }) => ({
      command,
      args: `--replSet evenkeel --bind_ip 127.0.0.1 --port ${port} --dbpath`
        .split(' ')
        .concat(dataDir),
    }),
    afterStart: async ({ ports: [port] }) => {
      const { MongoClient } = await import('mongodb');
      const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
      const member = { _id: 0, host: `127.0.0.1:${port}` };
      try {
        const admin = client.db('admin');
        await admin
          .command({ replSetInitiate: { _id: 'evenkeel', members: [member] } })
          .catch((error: { codeName?: string }) => {
            if (error.codeName !== 'AlreadyInitialized') throw error;
          });
        const untilMs = Date.now() + mongo.startWaitMs;
        while ((await admin.command({ hello: 1 }))['isWritablePrimary'] !== true) {
          if (Date.now() > untilMs) throw new Error('mongod did not become primary');
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      } finally {
        await client.close();
      }
    },
  };
}

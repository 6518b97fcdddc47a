// What the logs say of the instance once everything else has been done to it: heartbeats, claims that
// are valid where they stand, evidence that an independent check finds whole. Sections 4 and 5.

import { heartbeatEveryMs } from '../../limits.js';
import { leasePartition } from '../../logs/topics.js';
import { ordinalOf } from '../../core/records.js';
import { Broken, must, Skipped, type Check } from '../check.js';
import { evidenceOf } from '../evidence.js';
import { judge, type Complaint } from '../grammar.js';
import { pause } from '../connect.js';
import {
  brokerSkewMs,
  heartbeatMeanMaxMs,
  heartbeatMeanMinMs,
  heartbeatMedianMaxMs,
  heartbeatsWatchedMs,
} from '../limits.js';
import { held, incarnationOf, type Scene } from '../scene.js';

export const heartbeats: Check = {
  name: 'heartbeats',
  section: '4',
  expected:
    'alive with instance, incarnation and a growing seq every 500 ms, in partition ordinal mod 12',
  run: async (scene) => {
    const incarnation = incarnationOf(scene, held(scene)[0] ?? 0);
    const from = scene.journal.leases.length;
    const sinceMs = performance.now();
    await pause(heartbeatsWatchedMs);
    const beats = scene.journal.leases
      .slice(from)
      .filter(({ record }) => record['type'] === 'alive' && record['incarnation'] === incarnation);
    const meanMs = (performance.now() - sinceMs) / Math.max(1, beats.length);
    // A busy machine delays some of them for long; whose rhythm is slower is so with most.
    const distancesMs = beats
      .slice(1)
      .map(({ timestampMs }, i) => timestampMs - (beats[i]?.timestampMs ?? 0))
      .sort((a, b) => a - b);
    const medianMs = distancesMs[Math.floor(distancesMs.length / 2)] ?? Infinity;
    must(
      meanMs >= heartbeatMeanMinMs &&
        meanMs <= heartbeatMeanMaxMs &&
        medianMs <= heartbeatMedianMaxMs,
      `${beats.length} heartbeats of ${incarnation} came in ${heartbeatsWatchedMs / 1000} s${beats.length > 1 ? `, most of them ${medianMs} ms apart` : ''}`,
      `append alive every ${heartbeatEveryMs} ms to <s>.leases for as long as you live: whoever is silent for 0.9 s the directory sends nobody to`,
    );
    const partition = leasePartition(ordinalOf(scene.instance) ?? 0);
    const seqs = beats.map(({ record }) => Number(record['seq']));
    const grows = seqs.every((seq, i) => i === 0 || seq > (seqs[i - 1] as number));
    must(
      beats.every(
        (beat) => beat.partition === partition && beat.record['instance'] === scene.instance,
      ),
      `heartbeats of ${scene.instance} stand in partition ${beats[0]?.partition} and name ${String(beats[0]?.record['instance'])}`,
      `write them to partition ${partition} (ordinal mod 12), with the name of the instance`,
    );
    must(
      grows,
      `the seq of successive heartbeats is ${seqs.join(' ')}`,
      'count seq up with every heartbeat: you know your own again by it',
    );
    return `${beats.length} in ${heartbeatsWatchedMs / 1000} s, one per ${Math.round(meanMs)} ms`;
  },
};

export const report: Check = {
  name: 'report',
  section: '5',
  expected:
    'the instance reports itself to the collection instances: incarnation, url, revision, clients',
  needs: ['config-db'],
  run: async (scene) => {
    const { configDb, service, instance, url } = scene;
    const reports = await configDb?.reports(service);
    const mine = reports?.find((one) => one.instance === instance);
    must(
      mine !== undefined,
      `ConfigDB has no report of ${instance}; it has ${reports?.length ?? 0} of ${service}`,
      'write a document per instance to the collection instances every second: planning and moving start from it',
    );
    const incarnation = incarnationOf(scene, held(scene)[0] ?? 0);
    must(
      mine.incarnation === incarnation && mine.url === url && mine.revision >= 1,
      `the report says incarnation ${mine.incarnation}, url ${mine.url}, revision ${mine.revision}; the log says ${incarnation}, and it listens at ${url}`,
      'report the incarnation that holds, the url of EVENKEEL_URL and the revision that is striven for',
    );
    return `revision ${mine.revision}, ${mine.clients} clients, ${mine.held} partitions held`;
  },
};

const claims: Check = {
  name: 'ownership-records',
  section: '4',
  expected: 'every acquired and released is valid where it stands, or repeats one that was',
  run: async (scene) => {
    await scene.journal.caughtUp('ownership');
    const mine = scene.journal.ownership.filter(
      ({ record }) => record !== null && record.instance === scene.instance,
    );
    const valid = new Set<string>();
    const lost = lostRaces(scene);
    for (const { record, verdict, offset } of mine) {
      if (record === null || record.type === 'fenced') continue;
      const key = `${record.incarnation} ${record.type} ${record.partition} ${record.prev}`;
      if (verdict.valid) {
        valid.add(key);
        continue;
      }
      // A record sent twice: the second copy is void, and the first was valid.
      const isNormal = valid.has(key) || verdict.reason === 'fenced' || lost.has(offset);
      must(
        isNormal,
        `${record.type} of partition ${record.partition} at offset ${offset} is void: ${reasons[verdict.reason]} (prev ${record.prev}, revision ${record.revision})`,
        'read the ownership log yourself, judge every record by section 4, and put into prev the offset of the last valid one of the partition',
      );
    }
    if (valid.size === 0) throw new Skipped('the log shows no record of the instance');
    namesItsUrl(scene);
    return `${valid.size} records of ${scene.instance}, all valid where they stand`;
  },
};

/** Of a running service only what it holds now: an earlier life of it may have had another. */
function namesItsUrl({ journal, instance, url, stage }: Scene): void {
  for (const { record, verdict, offset } of journal.ownership) {
    if (record?.type !== 'acquired' || record.instance !== instance || !verdict.valid) continue;
    if (stage === undefined && journal.view.holderOf(record.partition)?.offset !== offset) continue;
    must(
      record.url === url,
      `acquired of partition ${record.partition} at offset ${offset} says ${record.url === undefined ? 'no url' : `url ${record.url}`}, and clients reach ${instance} at ${url}`,
      'put EVENKEEL_URL into every acquired as url: other instances redirect your clients to it, and the directory sends them there',
      { section: '4', expected: 'acquired has a url, too: where clients reach the writer' },
    );
  }
}

/**
 * Offsets of void records that came a moment too late: their prev was the last valid record until somebody
 * else's came between. A lost race is a normal result.
 */
function lostRaces({ journal }: Scene): ReadonlySet<number> {
  /** Per partition and valid record (or none), who wrote the next valid one. */
  const followedBy = new Map<string, string>();
  const lastOf = new Map<number, string | null>();
  const lost = new Set<number>();
  for (const { record, verdict, offset } of journal.ownership) {
    if (record === null || record.type === 'fenced') continue;
    const { partition, incarnation, prev } = record;
    if (verdict.valid) {
      followedBy.set(`${partition} ${lastOf.get(partition) ?? null}`, incarnation);
      lastOf.set(partition, String(offset));
    } else {
      const winner = followedBy.get(`${partition} ${prev}`);
      if (winner !== undefined && winner !== incarnation) lost.add(offset);
    }
  }
  return lost;
}

/** Complaints about everything that all clients have heard, one check per kind. */
const grammarCheck = (name: string, about: Complaint['about'], expected: string): Check => ({
  name,
  section: '2',
  expected,
  run: (scene) => {
    const { lines } = scene;
    const [first] = judge(lines).filter((complaint) => complaint.about === about);
    if (first !== undefined) return Promise.reject(new Broken(first.found, first.mend));
    const frames = lines.reduce((sum, { heard }) => sum + heard.length, 0);
    return Promise.resolve(`${frames} frames of ${lines.length} clients`);
  },
});

const reasons = {
  malformed: 'it cannot be read',
  fenced: 'its incarnation is fenced',
  prev: 'prev is not the last valid record of the partition',
  held: 'somebody holds the partition',
  revision: 'its revision is lower than an earlier one',
  'not-holder': 'its incarnation does not hold the partition',
} as const;

const evidence: Check = {
  name: 'evidence',
  section: '4',
  expected:
    'nobody was connected to two instances: opened only while held, closed of everybody before released',
  run: async (scene) => {
    const { bus, service, partitions } = scene;
    await closedBeforeReleased(scene);
    const seen = await evidenceOf(bus, service, partitions);
    const counted = Object.values(seen.violations).reduce((sum, count) => sum + count, 0);
    const strange = seen.unreadable - (scene.stage?.unreadable() ?? 0);
    if (counted + strange > 0 && !isAbout(scene, seen.first?.incarnation)) {
      throw new Skipped(
        `the logs show something about another incarnation: evenkeel verify --service ${service}`,
      );
    }
    must(
      counted + strange === 0,
      `the independent check of the logs: ${seen.first?.message ?? 'not ok'} (${seen.first?.topic}/${seen.first?.partition}@${seen.first?.offset})`,
      'append opened only while you hold the partition, closed once per opened, and records that are whole',
    );
    return `${seen.records} records, 0 overlaps`;
  },
};

/** Whether an incarnation is one of the instance's; one that is not known may be. */
function isAbout({ journal, instance }: Scene, incarnation: string | undefined): boolean {
  if (incarnation === undefined) return true;
  const of = journal.ownership.find(({ record }) => record?.incarnation === incarnation)?.record;
  return of === undefined || of?.instance === instance;
}

/**
 * By offsets: where the log of sessions ended when `released` was read. And by append times, which count
 * when they differ by more than the clocks of brokers do.
 */
async function closedBeforeReleased(scene: Scene): Promise<void> {
  const { sessions, releases } = scene.journal;
  await scene.journal.caughtUp('sessions');
  for (const release of releases.filter(({ instance }) => instance === scene.instance)) {
    const { partition, incarnation, timestampMs } = release;
    const end = await release.sessionsEnd;
    const of = sessions.filter(
      ({ record }) => record['partition'] === partition && record['incarnation'] === incarnation,
    );
    for (const opened of of.filter(({ record }) => record['type'] === 'opened')) {
      if (opened.offset >= end || opened.timestampMs > timestampMs) continue;
      const { connection } = opened.record;
      const closed = of.find(
        ({ record }) => record['type'] === 'closed' && record['connection'] === connection,
      );
      const lateMs = (closed?.timestampMs ?? Infinity) - timestampMs;
      must(
        closed !== undefined && closed.offset < end && lateMs <= brokerSkewMs,
        `partition ${partition} was released at offset ${release.offset} of the ownership log, and closed of connection ${String(connection)} came ${closed === undefined ? 'never' : `${lateMs} ms later`}`,
        'wait until closed of every connection of the partition is acknowledged, and append released only then',
      );
    }
  }
}

export const finalChecks: readonly Check[] = [
  grammarCheck(
    'frames',
    'frames',
    'every frame is one JSON object of a known shape, at most 64 KiB',
  ),
  grammarCheck(
    'order-of-frames',
    'order',
    'nothing before welcome or after disconnect, redirect and error; messages in offset order, each once',
  ),
  grammarCheck('closing', 'closing', 'a socket closes with the code of the frame that said why'),
  claims,
  evidence,
];

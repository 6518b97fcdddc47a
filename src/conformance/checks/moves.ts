// What the control plane is told of clients that moved: how many went, how many came, after which gaps. The
// record of every rebalance rests on it. Section 10, "Reports".

import * as hdr from 'hdr-histogram-js';
import type { InstanceReport } from '../../ports.js';
import { must, type Check } from '../check.js';
import { connect, greet, leave } from '../connect.js';
import { until } from '../journal.js';
import { heardWords } from '../line.js';
import { stepWithinMs } from '../limits.js';
import { applied, reports } from '../reported.js';
import { dial, held, stageOf, type Scene } from '../scene.js';
import { checkMoved, releasedBehind } from './hand-over.js';

const section = '10';
const gapMs = 137;
/** No check sends more clients than that. */
const gapsReadMax = 16;

type Moves = InstanceReport['moves'][number];

const movesOf = (report: InstanceReport | undefined, revision: number): Moves | undefined =>
  report?.moves.find((moves) => moves.revision === revision);

/** A few gaps, ascending, two digits of each; null for a text that is no histogram. */
function gapsIn(text: string): readonly number[] | null {
  if (text === '') return [];
  try {
    const histogram = hdr.decodeFromCompressedBase64(text);
    const count = Math.min(histogram.totalCount, gapsReadMax);
    return Array.from({ length: count }, (_, at) =>
      histogram.getValueAtPercentile((100 * (at + 0.5)) / count),
    );
  } catch {
    return null;
  }
}

const isNear = (gap: number, one: number): boolean => Math.abs(gap - one) <= one / 100;

const told: Check = {
  name: 'reports-moves',
  section,
  expected: 'moves of the report counts who went and who came, with a histogram of their gaps',
  needs: ['control', 'config-db'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const mine = held(scene);
    const given = mine[0] as number;
    const client = await connect(scene, { partitions: [given] });
    const acquiredAt = scene.journal.view.last(given)?.offset ?? -1;
    const away = await stage.distribute(mine.slice(1));
    checkMoved(
      await client.line.take('disconnect', stepWithinMs),
      client.line,
      stage.peer.url,
      away,
    );
    await releasedBehind(scene, given, acquiredAt);
    await stage.peerDoes('acquired', given);
    await reports(
      scene,
      (report) => (movesOf(report, away)?.left ?? 0) === 1,
      (report) =>
        `one client was told moved under revision ${away}, and moves of the report says ${JSON.stringify(report?.moves)}`,
      'count in moves, per revision, the clients that you told moved: the record of a rebalance counts them',
    );
    await comesBack(scene, client.session.token, given);
    return `one client went under revision ${away} and came with the next, after ${gapMs} ms as it said`;
  },
};

/** The client comes with the revision that brings its partition back, and says how long it was away. */
async function comesBack(scene: Scene, token: string, partition: number): Promise<void> {
  const stage = stageOf(scene);
  const back = await stage.distribute([...held(scene), partition].sort((a, b) => a - b));
  await applied(scene, back);
  const line = await dial(scene, `a client of partition ${partition}, which comes back`);
  const welcome = greet(line, token, null, { revision: back });
  await stage.peerDoes('released', partition);
  must(
    (await welcome)?.type === 'welcome',
    `a client came with the revision that brings its partition, and heard: ${heardWords(line)}`,
    'welcome who is parked when the partition has come',
  );
  await until(() => held(scene).includes(partition), stepWithinMs);
  line.say({ type: 'moved', gapMs });
  await reports(
    scene,
    (report) => {
      const moves = movesOf(report, back);
      const gaps = gapsIn(moves?.gaps ?? '');
      return moves?.arrived === 1 && gaps?.length === 1 && isNear(gaps[0] ?? 0, gapMs);
    },
    (report) =>
      `one client came with revision ${back} and said moved with gapMs ${gapMs}, and moves of the report says ${JSON.stringify(movesOf(report, back) ?? report?.moves)}`,
    'count in moves, by the revision of its hello, who came and said moved, and put its gapMs into an HdrHistogram (V2, compressed, base64)',
  );
  line.say({ type: 'bye' });
}

/** Of a client that comes: what its hello and its `moved` say, and whether that makes it one that was told. */
interface Comer {
  readonly who: string;
  readonly hello: object;
  readonly moved: { readonly gapMs: number; readonly told?: number | null };
  readonly wasTold: boolean;
}

/** Gaps that two digits tell apart, so that a report says by them whom it counts. */
const comers = (revision: number): readonly Comer[] => [
  { who: 'told says so', hello: {}, moved: { gapMs: 61, told: revision }, wasTold: true },
  { who: 'no told, by its hello', hello: { revision }, moved: { gapMs: 97 }, wasTold: true },
  { who: 'told null', hello: {}, moved: { gapMs: 151, told: null }, wasTold: false },
  { who: 'no told, no hello of it', hello: {}, moved: { gapMs: 193 }, wasTold: false },
  // A lost connection, and then a redirect: what it echoes began no gap.
  { who: 'told null', hello: { revision }, moved: { gapMs: 241, told: null }, wasTold: false },
];

const planned: Check = {
  name: 'reports-planned',
  section,
  expected:
    'planned, where moves of the report has it, counts who was told to move: whose moved has a told, or has none and whose hello had a revision',
  needs: ['control', 'config-db'],
  run: async (scene) => {
    // A revision under which nobody has come yet.
    const revision = await stageOf(scene).distribute(held(scene));
    await applied(scene, revision);
    const all = comers(revision);
    for (const { hello, moved } of all) {
      const client = await connect(scene, { hello });
      client.line.say({ type: 'moved', ...moved });
      leave(client);
    }
    await reports(
      scene,
      (report) => movesOf(report, revision)?.arrived === all.length,
      (report) =>
        `${all.length} clients were welcomed under revision ${revision} and said moved, with and without having been told, and moves of the report says ${JSON.stringify(movesOf(report, revision) ?? report?.moves)}`,
      'count in arrived whoever said moved: under the revision that it was told, else that of its hello, else that of its welcome',
    );
    let isSaid = true;
    await reports(
      scene,
      (report) => {
        const moves = movesOf(report, revision);
        isSaid = moves?.planned !== undefined;
        return moves !== undefined && misjudged(moves, all) === null;
      },
      (report) => misjudged(movesOf(report, revision), all) ?? 'moves of the report went away',
      'put into planned whose moved has a told that is a number, and whose moved has no told and whose hello had a revision; nobody else: the objective is about those who were told to move',
    );
    const wereTold = all.filter(({ wasTold }) => wasTold).length;
    return isSaid
      ? `${all.length} clients came, and planned counts the ${wereTold} that were told to move`
      : `${all.length} clients came, ${wereTold} of them told to move; the report has no planned, so all count as moved`;
  },
};

/** Whom `planned` counts wrongly, as a sentence; null when it is right, or left out. */
function misjudged(moves: Moves | undefined, all: readonly Comer[]): string | null {
  if (moves?.planned === undefined) return null;
  const { arrived, gaps } = moves.planned;
  const counted = gapsIn(gaps);
  if (counted === null) return 'planned of moves in the report has gaps that are no histogram';
  const isIn = ({ moved }: Comer) => counted.some((gap) => isNear(gap, moved.gapMs));
  const wrong = all.find((comer) => isIn(comer) !== comer.wasTold);
  if (wrong !== undefined) {
    const { who, moved, wasTold } = wrong;
    const what = wasTold ? 'was told to move' : 'came back by itself';
    return `a client ${what} (${who}, gapMs ${moved.gapMs}), and planned ${wasTold ? 'lacks it' : 'counts it'}: gaps of ${counted.join(' ') || 'nobody'}`;
  }
  if (arrived === counted.length) return null;
  return `planned says arrived ${arrived}, and its gaps are of ${counted.length}`;
}

export const moveChecks: readonly Check[] = [told, planned];

// Orders of the control plane: which are carried out, which are ignored; and records of others in the
// logs, which change nothing. Needs a service of the kit's own. Section 3.

import { must, type Check } from '../check.js';
import { connect, hears, leave, pause, write, type Welcomed } from '../connect.js';
import { until } from '../journal.js';
import { heardWords } from '../line.js';
import { quietMs, stepWithinMs } from '../limits.js';
import { topicsOf } from '../../logs/topics.js';
import { held, stageOf, type Scene } from '../scene.js';

/** What every other check of a service of the kit's own rests on. */
export const acquires: Check = {
  name: 'acquires',
  section: '4',
  expected: 'an instance acquires the free partitions of its ranges, and no other',
  needs: ['control'],
  run: async (scene) => {
    const wanted = stageOf(scene).mine();
    const isThere = (): boolean => held(scene).join() === wanted.join();
    await until(isThere, stepWithinMs);
    await pause(quietMs);
    must(
      isThere(),
      `the distribution gives partitions ${wanted.join(' ')} to ${scene.instance}, and by the log it holds ${held(scene).join(' ') || 'none'}`,
      'read <s>.control from its start, obey the highest revision, and append acquired (prev null where there is no record) for each of your partitions that nobody holds',
    );
    return `acquired ${wanted.length} partitions, and none of the other instance`;
  },
};

/** So that no two messages of a run have one id. */
let disturbances = 0;

/** A client of the instance must not have noticed anything. */
async function undisturbed(scene: Scene, what: string, witness: Welcomed, mend: string) {
  const before = held(scene).join(' ');
  await pause(2 * quietMs);
  await scene.journal.caughtUp('ownership');
  const now = held(scene).join(' ');
  must(
    before === now && witness.line.end() === null,
    `after ${what} the instance holds ${now || 'nothing'} instead of ${before}, and a client of it has heard: ${heardWords(witness.line)}`,
    mend,
  );
  if (scene.without.has('messages')) return;
  disturbances += 1;
  const written = await write(scene, witness.session, [`after-${disturbances}`]);
  const heard = await hears(witness.line, written);
  must(
    heard.includes(String(written[0])),
    `after ${what} a message at ${written[0]} did not come to its recipient, who has heard: ${heardWords(witness.line)}`,
    mend,
  );
}

const stale: Check = {
  name: 'stale-orders',
  section: '3',
  expected: 'a lower epoch or revision is ignored, and of one revision only the first ranges count',
  needs: ['control'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const witness = await connect(scene);
    const { epoch, revision } = stage.said();
    for (const [what, said, mend] of [
      [
        `a distribution of epoch ${epoch - 1}, after one of epoch ${epoch}`,
        { epoch: epoch - 1, revision: revision + 5 },
        'remember the highest epoch you have read and ignore every control message of a lower one: a saga that was given up may wake',
      ],
      [
        `a distribution of revision ${revision - 1}, after ${revision}`,
        { epoch, revision: revision - 1 },
        'ignore a distribution whose revision is not higher than the one you strive for',
      ],
      [
        `another distribution of revision ${revision} with another hash`,
        { epoch, revision },
        'keep the first ranges of a revision, and raise an alarm when the same number comes with another hash',
      ],
    ] as const) {
      await stage.distribute([], { as: said });
      await undisturbed(scene, what, witness, mend);
    }
    leave(witness);
    return 'a lower epoch, a lower revision and other ranges of the same revision changed nothing';
  },
};

const spoilt: Check = {
  name: 'spoilt-orders',
  section: '3',
  expected: 'whatever is no control message is skipped, and the instance goes on',
  needs: ['control'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const witness = await connect(scene);
    const { epoch, revision } = stage.said();
    const order = {
      type: 'distribution',
      epoch,
      revision: revision + 5,
      rebalance: 'r',
      hash: 'h',
    };
    const whole = { instances: {}, pace: {} };
    const half = [[0, Math.floor(scene.partitions / 2), 1]];
    const all = [[0, scene.partitions - 1, 1]];
    for (const value of [
      'no JSON',
      '[]',
      '{"type":"of a later version","epoch":1,"revision":1,"rebalance":"r"}',
      JSON.stringify({ ...order, ranges: half, ...whole }),
      JSON.stringify({ ...order, ranges: all, instances: {}, pace: { acceptPerSecond: 0 } }),
      JSON.stringify({ ...order, ranges: all, ...whole, revision: 2_000_000_000 }),
      JSON.stringify({ ...order, ranges: all, ...whole, epoch: 2_000_000_000 }),
      JSON.stringify({ type: 'distribution', epoch, revision: revision + 5 }),
    ]) {
      await stage.sayRaw(value);
    }
    await undisturbed(
      scene,
      'eight spoilt messages on the control topic',
      witness,
      'check a control message whole before you obey it: JSON, type, epoch and revision up to 1 000 000 000, a pace above 0, ranges that cover 0..P-1 once; skip and count the rest',
    );
    leave(witness);
    return 'eight spoilt messages changed nothing';
  },
};

const foreign: Check = {
  name: 'foreign-records',
  section: '4',
  expected: 'void records of others change nothing, nor does what is no record',
  needs: ['control'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const witness = await connect(scene);
    const { partition } = witness.session;
    const { view } = scene.journal;
    const { instance, incarnation } = stage.peer;
    const prev = String(view.last(partition)?.offset);
    const base = { partition, revision: stage.said().revision, instance, incarnation, next: '0' };
    for (const value of [
      JSON.stringify({ type: 'acquired', ...base, prev }),
      JSON.stringify({ type: 'released', ...base, prev }),
      JSON.stringify({ type: 'released', ...base, prev: null }),
    ]) {
      await stage.writeOwnership(value);
    }
    const beyond = { type: 'acquired', ...base, prev, partition: scene.partitions + 7 };
    for (const value of [JSON.stringify(beyond), 'no JSON']) {
      await stage.writeOwnership(value, 'unreadable');
    }
    const topic = topicsOf(scene.service).messages;
    const key = witness.session.user;
    await scene.appender.append(
      ['no JSON', '{}', '{"to":7}'].map((value) => ({ topic, partition, key, value })),
    );
    await undisturbed(
      scene,
      'void ownership records of another incarnation and three records that are no messages',
      witness,
      'judge every ownership record by section 4 before you believe it, and skip messages that you cannot read',
    );
    leave(witness);
    return 'three void records, two that are none and three spoilt messages changed nothing';
  },
};

export const orderChecks: readonly Check[] = [stale, spoilt, foreign];

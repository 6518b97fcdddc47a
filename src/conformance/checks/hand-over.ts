// A hand-over at both ends, with the kit as the other instance: giving, taking back, receiving with a
// client that comes early, and taking what a fenced instance held. Sections 2 and 4.

import { topicsOf } from '../../logs/topics.js';
import { must, Skipped, type Check, type Rule } from '../check.js';
import { closedOf, connect, greet, hears, leave, pause, write } from '../connect.js';
import { until } from '../journal.js';
import { heardWords, type Frame, type Line } from '../line.js';
import { quietMs, stepWithinMs } from '../limits.js';
import { applied, reportsTakenBack, warmed } from '../reported.js';
import { dial, elsewhere, held, newSession, stageOf, type Scene } from '../scene.js';

/** A `disconnect` as it must be when a partition goes to `url` at `revision`. */
export function checkMoved(
  frame: Frame | null,
  line: Line,
  url: string,
  revision: number,
): asserts frame is Frame {
  must(
    frame !== null,
    `its partition was given away, and the client heard: ${heardWords(line)}`,
    'before you release a partition send disconnect with reason moved to each of its clients, then close with 4001',
  );
  must(
    frame['reason'] === 'moved' && frame['url'] === url && frame['revision'] === revision,
    `the disconnect says reason ${JSON.stringify(frame['reason'])}, url ${JSON.stringify(frame['url'])}, revision ${JSON.stringify(frame['revision'])}; the partition goes to ${url} at revision ${revision}`,
    'take url from instances of the distribution that moves the partition, and its revision',
  );
  must(
    frame['delayMs'] === 0,
    `delayMs is ${JSON.stringify(frame['delayMs'])} for one of a few clients`,
    'delayMs is 0 for the first 50 clients of a partition',
  );
}

/** Waits until the instance has released a partition behind `after`. */
export async function releasedBehind(
  scene: Scene,
  partition: number,
  after: number,
  otherwise: { readonly found: string; readonly mend: string } = {
    found: `partition ${partition} was given away by revision ${stageOf(scene).said().revision}, and no valid released of it came within ${stepWithinMs / 1000} s`,
    mend: 'when closed of every connection of the partition is acknowledged append released, with prev the offset of your acquired and the new revision',
  },
): Promise<number> {
  const { view } = scene.journal;
  const found = await until(() => {
    const last = view.last(partition);
    return last !== null && last.type === 'released' && last.offset > after ? last : undefined;
  }, stepWithinMs);
  must(found !== null, otherwise.found, otherwise.mend);
  return found.offset;
}

const gives: Check = {
  name: 'gives',
  section: '2',
  expected:
    'clients of a partition that goes away get disconnect(moved), 4001, and then it is released',
  needs: ['control'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const { view } = scene.journal;
    const mine = held(scene);
    const [given, kept] = [mine[0], mine.at(-1)] as [number, number];
    const phone = await connect(scene, { partitions: [given] });
    const { user } = phone.session;
    const session = await newSession(scene, { user, client: 'laptop' });
    const laptop = await connect(scene, { session });
    const witness = await connect(scene, { partitions: [kept] });
    const acquiredAt = view.last(given)?.offset ?? 0;
    let next = Number(phone.welcome['next']);
    if (!scene.without.has('messages')) {
      const written = await write(scene, phone.session, ['before the move']);
      await hears(phone.line, written);
      next = (written[0] as number) + 1;
    }

    const revision = await stage.distribute(mine.filter((p) => p !== given));
    for (const { line } of [phone, laptop]) {
      const told = await line.take('disconnect', stepWithinMs);
      checkMoved(told, line, stage.peer.url, revision);
      must(
        Number(told['next']) === next,
        `the disconnect says next ${JSON.stringify(told['next'])}, and ${next} is the first offset that the client has not seen`,
        'say in disconnect where the client goes on: the offset behind what you have delivered to it',
      );
      const end = await line.ended();
      must(
        end?.code === 4001,
        `after disconnect: ${heardWords(line)}`,
        'close with 4001 right after disconnect',
      );
    }
    await releasedBehind(scene, given, acquiredAt);
    must(
      view.last(given)?.revision === revision,
      `partition ${given} was released at revision ${view.last(given)?.revision} instead of ${revision}`,
      'put the new revision into released: nobody acquires at a lower one any more',
    );
    for (const { connection } of [phone, laptop]) {
      const closed = await closedOf(scene, connection, 'a move');
      must(
        closed.record['reason'] === 'moved',
        `the closed of a moved client has the reason ${JSON.stringify(closed.record['reason'])}`,
        'say moved in closed: gaps are measured from there',
      );
    }
    await stage.peerDoes('acquired', given);
    await pause(quietMs);
    const late = await dial(scene, `a client of partition ${given}, which has moved`);
    const answer = await greet(late, phone.session.token, null);
    must(
      answer?.type === 'redirect' && answer['url'] === stage.peer.url,
      `a client that came after its partition had moved to ${stage.peer.url} got: ${heardWords(late)}`,
      'redirect clients of a partition that you have released to who has it',
    );
    must(
      witness.line.end() === null,
      `a client of partition ${kept}, which stays, heard: ${heardWords(witness.line)}`,
      'leave clients of partitions that stay alone',
    );
    leave(witness);
    return `partition ${given}: 2 clients told and closed with 4001, then released at revision ${revision}`;
  },
};

const takesBack: Check = {
  name: 'takes-back',
  section: '4, 10',
  expected: 'a released partition that nobody acquires within 2 s is acquired again, until resume',
  needs: ['control'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const { view } = scene.journal;
    const mine = held(scene);
    const given = mine[0] as number;
    const acquiredAt = view.last(given)?.offset ?? 0;
    await stage.distribute(mine.slice(1));
    const releasedAt = await releasedBehind(scene, given, acquiredAt);
    const sinceMs = performance.now();
    const back = await until(() => view.holderOf(given) ?? undefined, stepWithinMs);
    must(
      back !== null && back.instance === scene.instance && back.offset > releasedAt,
      `partition ${given} was released at offset ${releasedAt}, nobody acquired it, and ${stepWithinMs / 1000} s later nobody holds it`,
      'when 2 s after you have read your released no valid acquired has come, append an acquired of your own at the same revision',
    );
    const afterMs = performance.now() - sinceMs;
    must(
      afterMs > 1_000,
      `partition ${given} was taken back ${Math.round(afterMs)} ms after its release`,
      'give the receiver 2 s: it reads released, appends acquired and reads it back',
    );
    const client = await connect(scene, { partitions: [given] });
    await pause(quietMs);
    must(
      view.holderOf(given)?.instance === scene.instance && client.line.end() === null,
      `partition ${given} was taken back and given away again without a word of the control plane; its client heard: ${heardWords(client.line)}`,
      'hold your remaining waves after a take-back until resume or a higher revision',
    );
    await reportsTakenBack(scene, given);
    await stage.say('resume');
    await releasedBehind(scene, given, back.offset, {
      found: `partition ${given} was released and taken back, and after resume no second released of it came within ${stepWithinMs / 1000} s`,
      mend: 'a partition that was taken back is of no wave: give it away again after resume, like any other that you hold',
    });
    await stage.peerDoes('acquired', given);
    return `taken back after ${(afterMs / 1000).toFixed(1)} s, served, and given away again after resume`;
  },
};

const repeats: Rule = {
  section: '3, 10',
  expected:
    'of the same message within 120 s the first copy counts; what comes is read from 120 s back (Warming)',
};

const receives: Check = {
  name: 'receives',
  section: '2, 10',
  expected:
    'who comes early is parked and gets nothing until the partition is acquired and its opened is in the log',
  needs: ['control', 'another-instance'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const { view } = scene.journal;
    const mine = held(scene);
    const coming = elsewhere(scene) as number;
    const wanted = [...mine, coming].sort((a, b) => a - b);
    const session = await newSession(scene, { partitions: [coming] });
    // Of one message the first copy counts, also where the instance before has delivered it.
    const again = 'before it came';
    const [known = -1] = scene.without.has('messages') ? [] : await write(scene, session, [again]);
    const [end] = await scene.bus.bounds(topicsOf(scene.service).messages, [coming]);
    await warmed(scene, wanted);
    const revision = await stage.distribute(wanted);
    await applied(scene, revision);
    const line = await dial(scene, `a client that comes before partition ${coming} does`);
    const next = String(end?.high ?? 0);
    line.say({ type: 'hello', token: session.token, next, revision });
    await pause(quietMs);
    must(
      line.heard.length === 0 && line.end() === null,
      `partition ${coming} comes with revision ${revision} and is not released yet; a client of it heard: ${heardWords(line)}`,
      'park a client whose partition is about to come to you: keep its socket open and say nothing, for 5 s at most',
    );
    const [written = -1, copy = -1] = await write(scene, session, ['while parked', again]);
    const releasedAt = await stage.peerDoes('released', coming);
    const welcome = await line.take('welcome');
    const holder = view.holderOf(coming);
    must(
      welcome !== null && holder?.instance === scene.instance && holder.offset > releasedAt,
      `partition ${coming} was released at ${releasedAt}; ${holder === null ? 'nobody' : holder.instance} holds it, and the parked client heard: ${heardWords(line)}`,
      'acquire what comes to you as soon as you read its released (prev is its offset), and welcome who is parked once your acquired was read back valid',
    );
    if (!scene.without.has('messages')) {
      const heard = await hears(line, [written]);
      must(
        !heard.includes(String(copy)),
        `a message stands at ${known} and once more at ${copy} of partition ${coming}, which came in between, and the client, whose next was ${next}, got ${heard.join(' ')}`,
        'read a coming partition from 120 s back, as long as a repeat of a message may come: of the same from, client, id and to only the first copy is the message',
        repeats,
      );
      must(
        heard.join() === String(written),
        `a message was written at ${written} while the partition was on its way, and the client, whose next was ${next}, got ${heard.join(' ') || 'nothing'}`,
        'read a coming partition from before the next of its clients, and deliver from that next on',
      );
    }
    line.say({ type: 'bye' });
    return `parked, then acquired behind released ${releasedAt}, then welcomed from ${next}`;
  },
};

const inherits: Check = {
  name: 'inherits',
  section: '4',
  expected:
    'a partition whose holder is fenced is free: acquired with prev the record of the fenced',
  needs: ['control', 'another-instance'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const { view } = scene.journal;
    const coming = elsewhere(scene);
    if (coming === undefined) throw new Skipped('no other instance holds a partition any more');
    const before = view.holderOf(coming);
    await stage.distribute([...held(scene), coming].sort((a, b) => a - b));
    await pause(quietMs);
    must(
      view.holderOf(coming)?.incarnation === before?.incarnation,
      `partition ${coming} was acquired while its holder lives`,
      'acquire only what is released, or whose holder is fenced by the ownership log',
    );
    await stage.losePeer();
    const holder = await until(
      () =>
        (view.holderOf(coming)?.instance === scene.instance ? view.holderOf(coming) : undefined) ??
        undefined,
      stepWithinMs,
    );
    must(
      holder !== null,
      `the holder of partition ${coming} was fenced, and ${stepWithinMs / 1000} s later ${scene.instance}, whose it is, does not hold it`,
      'obey fenced in the ownership log: what that incarnation held is free, and prev is the offset of its acquired',
    );
    return `partition ${coming} of the fenced ${before?.instance} was acquired at offset ${holder.offset}`;
  },
};

export const handOverChecks: readonly Check[] = [gives, takesBack, receives, inherits];

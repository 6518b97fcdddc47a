// Moves of a running service, asked for as an operator does: one instance more, then as many as before.
// Watches what clients of the instance are told. The kit only asks; the worker moves. Sections 2 and 6.

import { must, Skipped, type Check } from '../check.js';
import { closedOf, connect, greet, leave, type Welcomed } from '../connect.js';
import { until } from '../journal.js';
import { heardWords, openLine } from '../line.js';
import { answerWithinMs, stepWithinMs, waitingClientsMax } from '../limits.js';
import { held, type Mover, type Scene } from '../scene.js';

const moverOf = (scene: Scene): Mover => scene.mover as Mover;

/** Clients of the instance, spread over its partitions. */
async function waitingClients(scene: Scene): Promise<readonly Welcomed[]> {
  const mine = held(scene);
  const step = Math.max(1, Math.floor(mine.length / waitingClientsMax));
  const chosen = mine.filter((_, i) => i % step === 0).slice(0, waitingClientsMax);
  const clients: Welcomed[] = [];
  for (const p of chosen) clients.push(await connect(scene, { partitions: [p] }));
  return clients;
}

const given: Check = {
  name: 'gives-to-another',
  section: '2',
  expected:
    'a moved client gets disconnect(moved) with url and next, then 4001, and is welcomed where it is sent',
  needs: ['moves'],
  run: async (scene) => {
    const clients = await waitingClients(scene);
    const outcome = await moverOf(scene).ask('one-more');
    const moved = clients.filter(({ line }) => line.end() !== null);
    const { view } = scene.journal;
    await scene.journal.caughtUp('ownership');
    for (const client of moved) await checkMoved(scene, client);
    const stayed = clients.filter(({ line }) => line.end() === null);
    for (const { session, line } of stayed) {
      must(
        view.holderOf(session.partition)?.instance === scene.instance,
        `partition ${session.partition} is with ${view.holderOf(session.partition)?.instance}, and its client here heard: ${heardWords(line)}`,
        'send disconnect to every client of a partition before you release it',
      );
    }
    for (const client of stayed) leave(client);
    if (moved.length === 0) {
      throw new Skipped(
        `the rebalance ended (${outcome}) and moved none of ${clients.length} clients`,
      );
    }
    return `${outcome}: ${moved.length} of ${clients.length} clients moved, each told where and welcomed there`;
  },
};

/** One client, from its disconnect to its welcome elsewhere. */
async function checkMoved(scene: Scene, client: Welcomed): Promise<void> {
  const { line, session, connection } = client;
  const told = await line.take('disconnect', 0);
  const holder = scene.journal.view.holderOf(session.partition);
  must(
    told?.['reason'] === 'moved' && line.end()?.code === 4001,
    `a client of partition ${session.partition}, which went to ${holder?.instance}, heard: ${heardWords(line)}`,
    'send disconnect with reason moved, then close with 4001',
  );
  must(
    told['url'] === holder?.url,
    `the disconnect sends a client of partition ${session.partition} to ${String(told['url'])}, and ${holder?.instance} at ${holder?.url} has it`,
    'take url from instances of the distribution that moves the partition',
  );
  const closed = await closedOf(scene, connection, 'a move');
  must(
    closed.record['reason'] === 'moved',
    `the closed of a moved client has the reason ${JSON.stringify(closed.record['reason'])}`,
    'say moved in closed: gaps are measured from there',
  );
  const there = await openLine(String(told['url']), `${session.user} at ${holder?.instance}`);
  if (there === null) return; // The other instance may be out of reach of this kit.
  const { next, revision } = told;
  const answer = await greet(there, session.token, String(next), { revision });
  must(
    answer?.type === 'welcome',
    `the client came to ${String(told['url'])} with the next of its disconnect, and heard: ${heardWords(there)}`,
    'let the client go on with its token where the partition goes, and say a next that the log has',
  );
  must(
    answer['next'] === next && answer['truncated'] === false,
    `the client came to ${String(told['url'])} with next ${String(next)} and was welcomed with next ${JSON.stringify(answer['next'])}, truncated ${JSON.stringify(answer['truncated'])}`,
    'say in disconnect a next that the log has, and go on from the next of the hello where the client goes',
  );
  there.say({ type: 'bye' });
  await there.ended(answerWithinMs);
}

const received: Check = {
  name: 'receives-from-another',
  section: '4',
  expected: 'the instance acquires what comes back, behind its released, and serves its clients',
  needs: ['moves'],
  run: async (scene) => {
    const before = new Set(held(scene));
    const outcome = await moverOf(scene).ask('as-before');
    const gained = (): number[] => held(scene).filter((p) => !before.has(p));
    await until(() => gained().length > 0, stepWithinMs);
    if (gained().length === 0) {
      throw new Skipped(`the rebalance ended (${outcome}) and brought the instance no partition`);
    }
    const client = await connect(scene, { partitions: gained() });
    leave(client);
    return `${outcome}: ${gained().length} partitions came, a client of one was welcomed`;
  },
};

export const rebalanceChecks: readonly Check[] = [given, received];

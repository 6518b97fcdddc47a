// What can only be done to a program of one's own: kill it, pause it past its lease, tell it to end.
// Sections 4 and 9.

import { evidencePartitions, leaseMarginMs, leaseTtlMs, leaveWithinMs } from '../../limits.js';
import { topicsOf } from '../../logs/topics.js';
import { must, type Check } from '../check.js';
import { connect, hears, leave, offsetsHeard, pause, write } from '../connect.js';
import { until } from '../journal.js';
import { fencedMend } from '../grammar.js';
import { heardWords } from '../line.js';
import { answerWithinMs, quietMs, stepWithinMs } from '../limits.js';
import { held, incarnationOf, newUser, stageOf, type Program, type Scene } from '../scene.js';

const programOf = (scene: Scene): Program => scene.program as Program;

const probes: Check = {
  name: 'probes',
  section: '1',
  expected:
    '/healthz/startup, /healthz/live and /healthz/ready answer 200, /metrics Prometheus text',
  needs: ['program'],
  run: async (scene) => {
    const { probeUrl } = programOf(scene);
    for (const path of ['/healthz/startup', '/healthz/live', '/healthz/ready', '/metrics']) {
      const answer = await fetch(`${probeUrl}${path}`).catch(() => undefined);
      const body = await answer?.text();
      const isRight =
        answer?.status === 200 && (path !== '/metrics' || /^# (HELP|TYPE) /m.test(body ?? ''));
      must(
        isRight,
        `GET ${path} on the probe port was answered with ${answer?.status ?? 'nothing'}`,
        'serve the probes and /metrics over HTTP on EVENKEEL_PROBE_PORT; ready once the logs are read and the lease is good',
      );
    }
    return 'three probes answer 200, /metrics is Prometheus text';
  },
};

const restarts: Check = {
  name: 'restarts',
  section: '4, 10',
  expected: 'a new life fences the one before it on every log and takes its partitions again',
  needs: ['program', 'control'],
  run: async (scene) => {
    const { view, ownership, sessions } = scene.journal;
    const mine = held(scene);
    const client = await connect(scene, { partitions: mine });
    const { session } = client;
    const old = incarnationOf(scene, session.partition);
    for (const line of scene.lines) if (line.end() === null) line.excuse();
    programOf(scene).signal('SIGKILL');
    await programOf(scene).ended(stepWithinMs);
    const missed = await write(scene, session, ['while it was away']);
    await programOf(scene).startAgain();
    const taken = (): number[] =>
      mine.filter((p) => {
        const holder = view.holderOf(p);
        return holder?.instance === scene.instance && holder.incarnation !== old;
      });
    const isBack = (): boolean => taken().length === mine.length;
    await until(isBack, stepWithinMs);
    must(
      isBack(),
      `the program was killed and started again, and ${stepWithinMs / 1000} s after it was Ready it has taken ${taken().length} of its ${mine.length} partitions again`,
      'a new life fences earlier incarnations of its ordinal that still hold something (fence to leases, then fenced to all of sessions, then to ownership), and acquires with prev their records',
    );
    await scene.journal.caughtUp('sessions');
    const fencedIn = new Set(
      sessions
        .filter(({ record }) => record['type'] === 'fenced' && record['incarnation'] === old)
        .map(({ partition }) => partition),
    );
    must(
      fencedIn.size === evidencePartitions &&
        ownership.some(({ record }) => record?.type === 'fenced' && record.incarnation === old),
      `fenced of the former incarnation stands in ${fencedIn.size} of 12 partitions of the log of sessions`,
      'append fenced to all 12 partitions of <s>.sessions, and when they are acknowledged to <s>.ownership',
    );
    if (scene.without.has('messages')) return `${mine.length} partitions taken again`;
    const back = await connect(scene, { session, next: String(client.welcome['next']) });
    const heard = await hears(back.line, missed);
    leave(back);
    must(
      heard.join() === missed.join(),
      `a message was written at ${missed.join()} while the program was away, and its recipient came back and got ${heard.join() || 'nothing'}`,
      'read the partitions that you take from before what their clients have seen',
    );
    return `the former life was fenced, ${mine.length} partitions taken again, and nothing was missed`;
  },
};

const endMend =
  'end with exit status 3 when you are fenced: 0 says that you were told to end, 1 that you failed';
const endedWith = (code: number | null): string =>
  `fenced, the program ended with ${code === null ? 'a signal' : `status ${code}`}`;

const fenced: Check = {
  name: 'obeys-a-fence',
  section: '4, 10',
  expected:
    'who reads a fence of itself answers fence-acknowledged, says unavailable and nothing more, and ends with 3',
  needs: ['program', 'control'],
  run: async (scene) => {
    const { service, instance, journal } = scene;
    const mine = held(scene);
    const client = await connect(scene, { partitions: mine });
    const { line, session } = client;
    const incarnation = incarnationOf(scene, session.partition);
    for (const other of scene.lines) if (other.end() === null) other.fenced();
    await stageOf(scene).fence(instance, incarnation);
    const offsetOf = (type: string): number | undefined =>
      journal.leases.find(
        ({ record }) => record['type'] === type && record['incarnation'] === incarnation,
      )?.offset;
    await journal.caughtUp('leases');
    await until(() => offsetOf('fence-acknowledged'), answerWithinMs);
    const [said, answered] = [offsetOf('fence'), offsetOf('fence-acknowledged')];
    must(
      answered !== undefined && said !== undefined && answered > said,
      `fence of ${incarnation} stands in ${service}.leases at ${said}, and ${answerWithinMs / 1000} s later no fence-acknowledged of it does`,
      'append fence-acknowledged to your lease partition when you read a fence of your incarnation: whoever fences waits 2.5 s otherwise, and your clients with him',
    );
    // What it would say if it went on: it holds nothing any more.
    const from = line.heard.length;
    if (!scene.without.has('messages')) await write(scene, session, ['after the fence']);
    const code = await programOf(scene).ended(stepWithinMs);
    const later = line.heard
      .slice(from)
      .flatMap(({ frame }) => (frame?.type === 'message' ? [frame.type] : []));
    must(
      later.length === 0,
      `it acknowledged a fence, and then it sent ${later.join(', ')}`,
      'from the fence on nothing is said but error or disconnect: the acknowledgement promises it',
    );
    must(
      code !== undefined,
      `${stepWithinMs / 1000} s after it acknowledged a fence the program still runs`,
      endMend,
    );
    const [last] = line.heard.slice(-1);
    must(
      last?.frame?.['code'] === 'unavailable' && line.end()?.code === 4503,
      `fenced, it ended, and a client of it heard: ${heardWords(line)}`,
      fencedMend,
    );
    must(code === 3, endedWith(code), endMend);
    await programOf(scene).startAgain();
    await until(() => mine.every((p) => held(scene).includes(p)), stepWithinMs);
    return `acknowledged at ${answered}, nothing said afterwards, ended with 3`;
  },
};

const paused: Check = {
  name: 'silent-after-its-lease',
  section: '4, 10',
  expected: 'who was paused past its lease says nothing afterwards but alive, error and disconnect',
  needs: ['program', 'control'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const { bus, service, instance } = scene;
    const mine = held(scene);
    const client = await connect(scene, { partitions: mine });
    const { line, session } = client;
    const incarnation = incarnationOf(scene, session.partition);
    const to = newUser(scene, [session.partition]);
    programOf(scene).signal('SIGSTOP');
    await pause(leaseTtlMs + leaseMarginMs);
    // What it would say first: a message to deliver, and a send to accept.
    const id = `late-${scene.run}`;
    if (!scene.without.has('messages')) await write(scene, session, ['after the lease']);
    if (!scene.without.has('send')) line.say({ type: 'send', id, to, body: 'too late' });
    await stage.fence(instance, incarnation);
    for (const partition of mine) await stage.peerDoes('acquired', partition);
    const from = line.heard.length;
    for (const other of scene.lines) if (other.end() === null) other.fenced();
    programOf(scene).signal('SIGCONT');
    await pause(2 * quietMs);
    const said = line.heard
      .slice(from)
      .flatMap(({ frame }) => (frame === null ? [] : [frame.type]))
      .filter((type) => ['message', 'accepted', 'welcome'].includes(type));
    must(
      said.length === 0,
      `it was paused, its lease ran out, others took its partitions; when it went on it sent ${said.join(', ')}`,
      'before every frame and every append check synchronously, by the monotonic clock, that the heartbeat you last read back was first sent less than 2 s ago',
    );
    const topic = topicsOf(service).messages;
    const [end] = await bus.bounds(topic, [session.partition]);
    const low = Number(offsetsHeard(line).at(-1) ?? client.welcome['next']);
    const records = await bus.readRange(topic, session.partition, low, end?.high ?? low, 1_000);
    must(
      !records.some(({ value }) => value?.includes(id) === true),
      'a send that it read after its lease had run out was written to Kafka',
      'check the lease again right before you append what a client sent',
    );
    const code = await programOf(scene).ended(stepWithinMs);
    must(
      code !== undefined,
      `${stepWithinMs / 1000} s after it could read that it is fenced the program still runs`,
      'end the process when you read a fence of your incarnation (exit status 3): it never comes back',
    );
    must(code === 3, endedWith(code), endMend);
    return 'said nothing, ended with status 3';
  },
};

const leaves: Check = {
  name: 'leaves',
  section: '9, 10',
  expected: 'SIGTERM: clients get disconnect, all partitions are released, the program ends with 0',
  needs: ['program', 'control'],
  run: async (scene) => {
    const stage = stageOf(scene);
    const { view } = scene.journal;
    await programOf(scene).startAgain();
    const mine = [0, 1].filter((p) => p < scene.partitions);
    await stage.distribute(mine);
    for (const p of mine) {
      if (view.holderOf(p)?.instance === stage.peer.instance) await stage.peerDoes('released', p);
    }
    await until(() => held(scene).join() === mine.join(), stepWithinMs);
    const client = await connect(scene, { partitions: mine });
    programOf(scene).signal('SIGTERM');
    const told = await client.line.take('disconnect', leaveWithinMs);
    must(
      told?.['reason'] === 'leaving' || told?.['reason'] === 'moved',
      `after SIGTERM a client heard: ${heardWords(client.line)}`,
      'serve on for a few seconds so that the control plane can drain you, then send disconnect(leaving) and release everything',
    );
    const code = await programOf(scene).ended(leaveWithinMs);
    must(
      code === 0,
      code === undefined
        ? `${leaveWithinMs / 1000} s after SIGTERM the program still runs`
        : `after SIGTERM the program ended with ${code === null ? 'a signal' : `status ${code}`}`,
      'leave within 25 s of SIGTERM and end with 0',
    );
    await scene.journal.caughtUp('ownership');
    must(
      held(scene).length === 0,
      `the program has ended and still holds partitions ${held(scene).join(' ')} by the log`,
      'release every partition before you end: what is not released waits for a fence',
    );
    return `disconnect(${String(told?.['reason'])}), released, ended with 0`;
  },
};

export { probes };
export const lifeChecks: readonly Check[] = [restarts, fenced, paused, leaves];

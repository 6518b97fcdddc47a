// Owns: one service: first what happens and what comes next, then the partition space, then the details.
// A lost server is said at the top, with the age of what is shown.

import { useState } from 'preact/hooks';
import type { Me, Now } from '../../src/console/picture.js';
import { Actions } from './actions.js';
import { Announce } from './announce.js';
import { Decisions } from './decisions.js';
import { FindPerson, foundPartition } from './find-person.js';
import { Gaps } from './gaps.js';
import { Instances } from './instances.js';
import { useLive, type Live } from './live.js';
import { LoadChart } from './load-chart.js';
import { PartitionBar } from './partition-bar.js';
import { Rebalances } from './rebalances.js';
import { Saga } from './saga.js';
import {
  count,
  headlineOf,
  plural,
  seconds,
  silenceOf,
  spokenOf,
  troublesSpoken,
} from './words.js';

/** Older figures are said to be old: a busy server takes 2 s to look, tells it every 2 s, and rests for 1 s. */
const freshMs = 7_000;

export function ServicePage(props: {
  readonly service: string;
  readonly me: Me;
  readonly onLoggedOut: () => void;
}) {
  const { service, me, onLoggedOut } = props;
  const live = useLive(service, onLoggedOut);
  const [user, setUser] = useState('');
  const { now, past, clockMs } = live;
  if (now === null) {
    return (
      <main class="alone" aria-busy="true">
        <h1>{service}</h1>
        <Freshness live={live} />
        {!live.isLost && <p>{live.trouble ?? 'Reading …'}</p>}
      </main>
    );
  }
  const headline = headlineOf(now, clockMs);
  const silence = silenceOf(now, past, clockMs);
  // Seen from among other pages, too.
  document.title = `${service}: ${headline.title}`;
  return (
    <main class={live.isLost ? 'service lost' : 'service'}>
      <Freshness live={live} />
      {now.away.length > 0 && (
        <ul class="away" role="alert">
          {now.away.map((text, index) => (
            <li key={index}>{text}</li>
          ))}
        </ul>
      )}
      <section class={`headline ${silence === '' ? headline.tone : 'trouble'}`} aria-label="Now">
        <div>
          <p class="facts">
            <b>{service}</b> ·{' '}
            {now.isStoredKnown
              ? `revision ${now.revision ?? 'none'} · ${plural(now.clients, 'client')} · ${plural(holders(now), 'instance')} · ${plural(now.partitions, 'partition')}`
              : 'revision, clients and partitions are not known just now'}
            {now.mode === 'dry-run' && ' · dry run: decides, does nothing'}
          </p>
          <h1>{headline.title}</h1>
          <p class="next">{headline.next}</p>
          {silence !== '' && <p class="next">{silence}</p>}
        </div>
        <Actions now={now} me={me} isLost={live.isLost} />
        {now.run?.running === true && now.run.progress !== null && (
          <progress
            class="whole"
            aria-label="Partitions handed over"
            max={Math.max(1, now.run.progress.of)}
            value={now.run.progress.done}
          />
        )}
      </section>
      <Announce text={spokenOf(now, clockMs)} />
      <Announce text={troublesSpoken(now)} isUrgent />
      <section class="card" aria-labelledby="space">
        <div class="head">
          <h2 id="space">Partitions</h2>
          <FindPerson now={now} user={user} onUser={setUser} />
        </div>
        <PartitionBar now={now} found={foundPartition(user, now.partitions)} />
      </section>
      <div class="columns">
        <div>
          <Saga run={now.run} isKnown={now.isRunKnown} clockMs={clockMs} />
          <Instances now={now} />
        </div>
        <div>
          <Gaps now={now} />
          {past !== null && <LoadChart past={past} />}
          {past !== null && <Decisions past={past} isKnown={now.isStoredKnown} />}
        </div>
      </div>
      {past !== null && <Rebalances past={past} run={now.run} isKnown={now.isStoredKnown} />}
      <footer>
        Times are UTC. Clients are connections, counted by the instances every few seconds.
      </footer>
    </main>
  );
}

const holders = ({ instances }: Now): number =>
  instances.filter(({ partitions }) => partitions > 0).length;

function Freshness({ live: { isLost, ageMs, trouble } }: { readonly live: Live }) {
  // Not said again with every second.
  const age = ageMs !== null && <span aria-live="off">, the figures are {seconds(ageMs)} old</span>;
  if (isLost) {
    return (
      <p class="freshness bad" role="alert">
        <span>
          <b>Lost:</b> the server of this console does not answer{age}. Trying again…
        </span>
      </p>
    );
  }
  if (trouble !== null) {
    return (
      <p class="freshness bad" role="alert">
        <span>
          <b>Old:</b> the last look failed{age}: {trouble}
        </span>
      </p>
    );
  }
  const isOld = ageMs !== null && ageMs > freshMs;
  return (
    <p class={isOld ? 'freshness bad' : 'freshness'}>
      <span class="pulse" aria-hidden="true" />
      {ageMs === null
        ? 'Connecting'
        : isOld
          ? `Figures ${count(Math.round(ageMs / 1_000))} s old`
          : 'Live'}
    </p>
  );
}

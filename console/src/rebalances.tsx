// Owns: the rebalances that were recorded, newest first: who asked, what came of it, who was gone how long.

import type { Past, RebalancePicture, RunPicture } from '../../src/console/picture.js';
import { count, dayAndTime, duration } from './words.js';

const good = ['completed', 'recovered', 'unnecessary'];

export function Rebalances(props: {
  readonly past: Past;
  readonly run: RunPicture | null;
  readonly isKnown: boolean;
}) {
  const { rebalances } = props.past;
  const underWay = props.run?.running === true ? props.run.runId : null;
  return (
    <section class="card" aria-labelledby="history">
      <div class="head">
        <h2 id="history">Rebalances</h2>
      </div>
      {rebalances.length === 0 ? (
        <p class="empty">
          {props.isKnown ? 'None is recorded yet.' : 'Not known: ConfigDB does not answer.'}
        </p>
      ) : (
        <ol class="rebalances">
          {rebalances.map((one) => (
            <Entry key={one.id} one={one} isUnderWay={one.runId === underWay} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Entry({ one, isUnderWay }: { one: RebalancePicture; isUnderWay: boolean }) {
  const { atMs, outcome, text, by, reason, movedClients, notReturned, gap, durationMs, link } = one;
  return (
    <li>
      <span class="when">{dayAndTime(atMs)}</span>
      <Outcome outcome={outcome} isUnderWay={isUnderWay} />
      <span class="what">
        {text}
        <span class="note">
          {by !== '' && (
            <>
              {' '}
              asked by <bdi>{by}</bdi>
              {reason !== '' && (
                <>
                  : <bdi>{reason}</bdi>
                </>
              )}
            </>
          )}
        </span>
      </span>
      <span class="note">
        {movedClients > 0 && `${count(movedClients)} moved`}
        {notReturned > 0 && `, ${count(notReturned)} not seen again`}
        {gap !== null && `, P99 ${duration(gap.p99)}, longest ${duration(gap.max)}`}
        {durationMs !== null && `${movedClients > 0 ? ', ' : ''}took ${duration(durationMs)}`}
      </span>
      {link !== null && (
        <a href={link} target="_blank" rel="noreferrer">
          Run<span class="unseen"> of {dayAndTime(atMs)} in Temporal (opens another page)</span>
        </a>
      )}
    </li>
  );
}

function Outcome({ outcome, isUnderWay }: { outcome: string | null; isUnderWay: boolean }) {
  if (outcome === null && isUnderWay) return <span class="chip">under way</span>;
  const isGood = outcome !== null && good.includes(outcome);
  return <span class={`chip ${isGood ? 'good' : 'hot'}`}>{outcome ?? 'no outcome recorded'}</span>;
}

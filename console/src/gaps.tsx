// Owns: how long moved clients were gone, by their own clocks: a histogram beside the objective. Who came
// back for another reason is told apart, because no pace of moves mends that.

import type { GapBucket, Now } from '../../src/console/picture.js';
import { count, duration, plural } from './words.js';

export function Gaps({ now: { gaps, others, objective } }: { readonly now: Now }) {
  return (
    <section class="card" aria-labelledby="gaps">
      <div class="head">
        <h2 id="gaps">How long each was gone</h2>
        {gaps !== null && <span class="note">moved by revision {gaps.revision}</span>}
      </div>
      {gaps === null ? (
        <p class="empty">Nobody has been moved lately.</p>
      ) : (
        <>
          <dl class="figures">
            <Measure name="half within" ms={gaps.p50} n={gaps.n} />
            <Measure name="P99" ms={gaps.p99} n={gaps.n} limitMs={objective.p99Ms} />
            <Measure name="longest" ms={gaps.max} n={gaps.n} limitMs={objective.maxMs} />
            <div>
              <dt>came back</dt>
              <dd>
                {count(gaps.arrived)}
                {gaps.arrived <= gaps.left && ` / ${count(gaps.left)}`}
              </dd>
            </div>
          </dl>
          <Histogram buckets={gaps.buckets} p99Ms={objective.p99Ms} />
          <p class="note">
            {plural(gaps.n, 'gap')} measured by clients. Objective: P99 below{' '}
            {duration(objective.p99Ms)}, nobody above {duration(objective.maxMs)}.
          </p>
        </>
      )}
      {others !== null && (
        <p class="note">
          {gaps === null ? 'Came' : 'Not among them: came'} back for other reasons, as after a lost
          connection: {plural(others.n, 'client')}, gone for {duration(others.p99)} (P99),{' '}
          {duration(others.max)} at most.
        </p>
      )}
    </section>
  );
}

function Measure(props: { name: string; ms: number; n: number; limitMs?: number }) {
  const { name, ms, n, limitMs } = props;
  const isMissed = limitMs !== undefined && ms > limitMs;
  return (
    <div class={isMissed ? 'missed' : ''}>
      <dt>{name}</dt>
      <dd>
        {n === 0 ? '–' : duration(ms)}
        {isMissed && <span class="chip hot">above {duration(limitMs)}</span>}
      </dd>
    </div>
  );
}

function Histogram({ buckets, p99Ms }: { buckets: readonly GapBucket[]; p99Ms: number }) {
  const most = Math.max(1, ...buckets.map((bucket) => bucket.count));
  return (
    <table class="histogram">
      <caption class="unseen">Clients by the length of their gap</caption>
      <thead class="unseen">
        <tr>
          <th scope="col">gap</th>
          <th scope="col">clients</th>
        </tr>
      </thead>
      <tbody>
        {buckets.map(({ fromMs, toMs, count: n }) => (
          <tr key={fromMs} class={fromMs === p99Ms ? 'objective' : ''}>
            <th scope="row">{toMs === null ? `over ${duration(fromMs)}` : `to ${short(toMs)}`}</th>
            <td>
              <span
                class={`length ${n === 0 ? 'nothing' : fromMs >= p99Ms ? 'late' : ''}`}
                style={{ width: `${(n / most) * 80}%` }}
              />
              <span class={n === 0 ? 'zero' : ''}>{count(n)}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const short = (ms: number): string => (ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`);

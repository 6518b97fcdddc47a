// Owns: what was decided in the last hours and why, newest first; evaluations that said the same are one.

import type { DecisionPicture, Past } from '../../src/console/picture.js';
import { plural, timeOfDay } from './words.js';

const words: Readonly<Record<DecisionPicture['kind'], string>> = {
  act: 'acted',
  skip: 'did nothing',
  would: 'would have acted',
};

export function Decisions(props: { readonly past: Past; readonly isKnown: boolean }) {
  const { decisions, sinceMs } = props.past;
  return (
    <section class="card" aria-labelledby="decisions">
      <div class="head">
        <h2 id="decisions">Decisions</h2>
        <span class="note">since {timeOfDay(sinceMs)}</span>
      </div>
      {decisions.length === 0 && (
        <p class="empty">
          {props.isKnown ? 'No evaluation in these hours.' : 'Not known: ConfigDB does not answer.'}
        </p>
      )}
      <ol class="decisions" tabIndex={0} aria-label="Decisions, newest first">
        {decisions.map(({ kind, fromMs, toMs, count, desired, reasons }) => (
          <li key={fromMs} class={kind}>
            <span class="when">
              {timeOfDay(fromMs)}
              {count > 1 && ` – ${timeOfDay(toMs)}`}
            </span>
            <b>
              {words[kind]}
              {desired !== null && `: ${plural(desired, 'instance')}`}
            </b>
            {count > 1 && <span class="note"> ×{count}</span>}
            <span class="reasons">{reasons.join('; ')}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

// Owns: the run of a rebalance as a list of steps: done with their times, the one that runs, those to come;
// and what keeps it, in sentences.

import type { RunPicture, StepPicture } from '../../src/console/picture.js';
import { count, dayAndTime, duration, plural, seconds, sentence, timeOfDay } from './words.js';

const marks: Readonly<Record<StepPicture['state'] | 'ahead', string>> = {
  running: '▶',
  done: '✓',
  failed: '✗',
  cancelled: '–',
  ahead: '·',
};

export function Saga({
  run,
  isKnown,
  clockMs,
}: {
  readonly run: RunPicture | null;
  readonly isKnown: boolean;
  readonly clockMs: number;
}) {
  return (
    <section class="card" aria-labelledby="saga">
      <div class="head">
        <h2 id="saga">{run?.running === true ? 'Rebalance under way' : 'Last rebalance'}</h2>
        {run?.link != null && (
          <a href={run.link} target="_blank" rel="noreferrer">
            In Temporal<span class="unseen"> (opens another page)</span>
          </a>
        )}
      </div>
      {run === null ? (
        <p class="empty">
          {isKnown ? 'There was none yet.' : 'Not known: Temporal does not answer.'}
        </p>
      ) : (
        <Run run={run} clockMs={clockMs} />
      )}
    </section>
  );
}

function Run({ run, clockMs }: { readonly run: RunPicture; readonly clockMs: number }) {
  const { headline, asked, plan, progress, steps, ahead, troubles, notes, queued } = run;
  return (
    <>
      <p class="run-head">{headline}</p>
      <p class="note">
        {asked === '' ? '' : `${sentence(asked)} `}
        {run.running
          ? `Began at ${timeOfDay(run.startedAtMs)}, ${seconds(clockMs - run.startedAtMs)} ago.`
          : `Began ${dayAndTime(run.startedAtMs)}.`}
      </p>
      {troubles.length > 0 && (
        <ul class="troubles" aria-label="What keeps it">
          {troubles.map((text, index) => (
            <li key={index}>{text}</li>
          ))}
        </ul>
      )}
      {plan !== null && (
        <dl class="figures">
          <Figure name="instances" value={`${plan.from} → ${plan.to}`} />
          <Figure name="clients" value={moved(progress, plan.movedClients)} />
          <Figure
            name="partitions"
            value={
              progress === null
                ? count(plan.movedPartitions)
                : `${count(progress.done)} / ${count(progress.of)}`
            }
          />
          {plan.waves > 0 && (
            <Figure name={plan.waves === 1 ? 'wave' : 'waves'} value={count(plan.waves)} />
          )}
          <Figure
            name={progress === null ? 'estimated' : 'left, about'}
            value={duration(progress === null ? plan.estimateMs : progress.leftMs)}
          />
        </dl>
      )}
      <ol class="steps">
        {steps.map((step, index) => (
          <Step key={index} step={step} clockMs={clockMs} />
        ))}
        {ahead.map((title, index) => (
          <li key={index} class="ahead">
            <span class="mark-of" aria-hidden="true">
              {marks.ahead}
            </span>
            <span class="title">{title}</span>
            <span class="unseen"> to come</span>
          </li>
        ))}
      </ol>
      {notes.map((note, index) => (
        <p key={index} class="note">
          {note}
        </p>
      ))}
      {queued > 0 && <p class="note">{plural(queued, 'more request')} in the queue.</p>}
    </>
  );
}

const moved = (progress: RunPicture['progress'], clients: number): string =>
  progress === null
    ? `~${count(clients)}`
    : `${count(progress.arrived)} / ~${count(progress.clients)}`;

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Step({ step, clockMs }: { readonly step: StepPicture; readonly clockMs: number }) {
  const { state, title, note, startedAtMs, tookMs } = step;
  return (
    <li class={state}>
      <span class="mark-of" aria-hidden="true">
        {marks[state]}
      </span>
      <span class="title">{title}</span>
      <span class="unseen"> {state}</span>
      <span class="took">
        {state === 'running' ? seconds(clockMs - startedAtMs) : duration(tookMs)}
      </span>
      {note !== '' && <span class="step-note">{note}</span>}
    </li>
  );
}

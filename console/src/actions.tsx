// Owns: what a person can ask for, each after a question that says what it means and under which name it
// will stand in the history. A refusal is shown in the words of the command line.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useKeptFocus } from './kept-focus.js';
import type { ActionAnswer, ActionName, ActionWish, Me, Now } from '../../src/console/picture.js';
import { Cost } from './cost.js';
import { act } from './server.js';
import { count, duration } from './words.js';

/** Long enough to be read twice. */
const answerShownMs = 20_000;

interface Question {
  readonly name: ActionName;
  readonly button: string;
  readonly title: string;
  readonly meaning: string;
  readonly isGrave?: true;
}

function questionsOf(now: Now): readonly Question[] {
  const { run, schedule } = now;
  const plan = run?.plan;
  const cost =
    plan == null
      ? ''
      : ` ${plan.from} → ${plan.to} instances, about ${count(plan.movedClients)} clients move, estimated ${duration(plan.estimateMs)}.`;
  const questions: Question[] = [];
  if (run != null && run.approvalUntilMs !== null) {
    questions.push(
      {
        name: 'approve',
        button: 'Approve',
        title: 'Approve this plan?',
        meaning: `It begins at once.${cost}`,
      },
      {
        name: 'reject',
        button: 'Reject',
        title: 'Reject this plan?',
        meaning: `Nothing was changed yet, and nothing will be.${cost}`,
        isGrave: true,
      },
    );
  }
  if (run?.running === true && !run.undoing && !run.onward && run.approvalUntilMs === null) {
    questions.push({
      name: 'abort',
      button: 'Abort',
      title: 'Abort this rebalance?',
      meaning:
        'It stops, and what it has begun is undone: whoever has moved already moves back, so they are gone once more for a moment.',
      isGrave: true,
    });
  }
  questions.push({
    name: 'force',
    button: 'Rebalance…',
    title: 'Ask for a rebalance?',
    meaning:
      run?.running === true
        ? 'One is under way: yours waits until that has ended.'
        : 'Partitions are planned anew, and clients move once where that is needed.',
  });
  if (schedule !== null) {
    questions.push(
      schedule.paused
        ? {
            name: 'resume',
            button: 'Resume evaluations',
            title: 'Resume evaluations?',
            meaning: 'The Schedule looks at the service again, and acts on what it sees.',
          }
        : {
            name: 'pause',
            // `Pause` beside a run would be taken for a pause of that.
            button: 'Pause evaluations',
            title: 'Pause evaluations?',
            meaning:
              'Nothing is decided until somebody resumes. A rebalance that runs goes on, and asking by hand still works.',
          },
    );
  }
  return questions;
}

export function Actions({ now, me, isLost }: { now: Now; me: Me; isLost: boolean }) {
  const [asked, setAsked] = useState<Question | null>(null);
  const [answer, setAnswer] = useState<ActionAnswer | null>(null);
  const group = useRef<HTMLDivElement>(null);
  useKeptFocus(group);
  useEffect(() => {
    if (answer === null) return undefined;
    const timer = window.setTimeout(() => setAnswer(null), answerShownMs);
    return () => window.clearTimeout(timer);
  }, [answer]);
  return (
    <div class="actions" ref={group} role="group" aria-label="Actions" tabIndex={-1}>
      <div class="buttons">
        {questionsOf(now).map((question) => (
          <button
            key={question.name}
            type="button"
            class={question.name === 'approve' ? 'primary' : question.isGrave ? 'grave' : ''}
            disabled={isLost}
            onClick={() => {
              setAnswer(null);
              setAsked(question);
            }}
          >
            {question.button}
          </button>
        ))}
      </div>
      <p class="answer" role="status">
        {/* What follows says how to watch it: that is what this page is for. */}
        {answer?.text.split('\n')[0]}
      </p>
      {asked !== null && (
        <Confirm
          question={asked}
          now={now}
          me={me}
          onClose={(said) => {
            setAsked(null);
            setAnswer(said);
          }}
        />
      )}
    </div>
  );
}

function Confirm(props: {
  readonly question: Question;
  readonly now: Now;
  readonly me: Me;
  readonly onClose: (answer: ActionAnswer | null) => void;
}) {
  const { question, now, me, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  // What was read when the question was asked is what is meant, whatever comes meanwhile.
  const plan = useRef(now.run?.plan?.id);
  const said = useRef<ActionAnswer | null>(null);
  const [reason, setReason] = useState('');
  const [instances, setInstances] = useState('');
  const [wrong, setWrong] = useState('');
  const [isBusy, setBusy] = useState(false);
  // Before the next key: what is typed after the button goes into the question.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setWrong('');
    const isAboutPlan = question.name === 'approve' || question.name === 'reject';
    const wish: ActionWish = {
      service: now.service,
      reason,
      ...(instances === '' ? {} : { instances: Number(instances) }),
      ...(isAboutPlan && plan.current !== undefined ? { plan: plan.current } : {}),
    };
    const answer = await act(question.name, wish, me);
    setBusy(false);
    if (!answer.ok) return setWrong(answer.text);
    // By itself the browser gives the focus back to the button only when the question is closed.
    said.current = answer;
    dialog.current?.close();
  };
  return (
    <dialog ref={dialog} aria-labelledby="asked" onClose={() => onClose(said.current)}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="asked">{question.title}</h2>
        <p>{question.meaning}</p>
        {question.name === 'force' && (
          <>
            <label for="instances">Instances afterwards</label>
            <input
              id="instances"
              type="number"
              min={1}
              max={100000}
              step={1}
              value={instances}
              placeholder="as many as now"
              onInput={(event) => setInstances(event.currentTarget.value)}
            />
            <Cost service={now.service} instances={instances} me={me} />
          </>
        )}
        <label for="reason">Reason</label>
        <input
          id="reason"
          value={reason}
          maxLength={400}
          placeholder="for the history"
          onInput={(event) => setReason(event.currentTarget.value)}
        />
        <p class="note">
          {now.service}; recorded as asked by <bdi>{me.by}</bdi>.
        </p>
        <p class="wrong" role="alert">
          {wrong}
        </p>
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button
            type="submit"
            class={question.isGrave ? 'primary grave' : 'primary'}
            disabled={isBusy}
          >
            {isBusy ? 'Asking …' : question.button.replace('…', '')}
          </button>
        </div>
      </form>
    </dialog>
  );
}

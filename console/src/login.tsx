// Owns: the form that people log in with. The token goes to the server once, in the body of a request.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Me } from '../../src/console/picture.js';
import { logIn, unreachableText } from './server.js';
import { sentence } from './words.js';

export function Login(props: {
  readonly why: string;
  /** Whom the proxy before the console has named; null where none does. */
  readonly named: string | null;
  readonly onLogin: (me: Me) => void;
}) {
  const { why, named, onLogin } = props;
  const [by, setBy] = useState('');
  const [token, setToken] = useState('');
  const [wrong, setWrong] = useState(why);
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => {
    document.title = 'Evenkeel console';
    form.current?.querySelector('input')?.focus();
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const answer = await logIn(token, named ?? by);
    setBusy(false);
    setToken('');
    if (answer.kind === 'me') onLogin(answer.me);
    else setWrong(answer.kind === 'refused' ? sentence(answer.text) : unreachableText);
  };
  return (
    <main class="alone">
      <h1>
        <span class="keel" aria-hidden="true" /> Evenkeel console
      </h1>
      <form ref={form} onSubmit={(event) => void submit(event)}>
        {named === null ? (
          <>
            <label for="by">Your name</label>
            <input
              id="by"
              value={by}
              autocomplete="username"
              maxLength={80}
              required
              aria-describedby="by-note"
              onInput={(event) => setBy(event.currentTarget.value)}
            />
          </>
        ) : (
          <p>
            You are{' '}
            <b>
              <bdi>{named}</bdi>
            </b>
            .
          </p>
        )}
        <p id="by-note" class="note">
          {named === null ? 'It' : 'This name'} stands in the history beside everything that you ask
          for.
        </p>
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          value={token}
          autocomplete="current-password"
          required
          aria-describedby="token-note"
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <p id="token-note" class="note">
          <code>evenkeel console</code> printed it at its start, or it is in the token file.
        </p>
        <p role="alert" class="wrong">
          {wrong}
        </p>
        <button type="submit" class="primary" disabled={isBusy}>
          Log in
        </button>
      </form>
    </main>
  );
}

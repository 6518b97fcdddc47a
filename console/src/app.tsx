// Owns: the page as a whole: who is logged in, which service is looked at, and the order of its parts.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Me } from '../../src/console/picture.js';
import { askMe, logOut } from './server.js';
import { Login } from './login.js';
import { ServicePage } from './service-page.js';
import { sentence } from './words.js';

const lookAgainMs = 2_000;

type State =
  | { readonly kind: 'asking' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'login'; readonly why: string; readonly named: string | null }
  /** `isNew`: by the form, whose button had the focus. */
  | { readonly kind: 'in'; readonly me: Me; readonly isNew?: true };

export function App() {
  const [state, setState] = useState<State>({ kind: 'asking' });
  useEffect(() => {
    if (state.kind !== 'asking' && state.kind !== 'lost') return undefined;
    let isOver = false;
    const look = async () => {
      const answer = await askMe();
      if (isOver) return;
      if (answer.kind === 'me') setState({ kind: 'in', me: answer.me });
      else if (answer.kind === 'lost') setState({ kind: 'lost' });
      else if (answer.kind === 'login') setState({ kind: 'login', why: '', named: answer.named });
      else setState({ kind: 'login', why: sentence(answer.text), named: null });
    };
    const timer = window.setTimeout(() => void look(), state.kind === 'lost' ? lookAgainMs : 0);
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [state]);

  if (state.kind === 'asking') return <main class="alone" aria-busy="true" />;
  if (state.kind === 'lost') {
    return (
      <main class="alone">
        <h1>Evenkeel console</h1>
        <p role="alert">The server of this console does not answer. Trying again…</p>
      </main>
    );
  }
  if (state.kind === 'login')
    return (
      <Login
        why={state.why}
        named={state.named}
        onLogin={(me) => setState({ kind: 'in', me, isNew: true })}
      />
    );
  const { me, isNew } = state;
  return (
    <Services
      me={me}
      takesFocus={isNew === true}
      onMe={(changed) => setState({ kind: 'in', me: changed })}
      onLoggedOut={(why) => setState({ kind: 'login', why, named: me.named ? me.by : null })}
    />
  );
}

const inAddress = (): string => new URLSearchParams(location.search).get('service') ?? '';

/** Services that appear meanwhile are found this often. */
const servicesEveryMs = 15_000;

function Services(props: {
  readonly me: Me;
  readonly takesFocus: boolean;
  readonly onMe: (me: Me) => void;
  readonly onLoggedOut: (why: string) => void;
}) {
  const { me, takesFocus, onMe, onLoggedOut } = props;
  const body = useRef<HTMLDivElement>(null);
  // Whoever has logged in goes on reading here, and not at the end of what is gone.
  useLayoutEffect(() => {
    if (takesFocus) body.current?.focus();
  }, []);
  const [wanted, setWanted] = useState(inAddress);
  const service = me.services.includes(wanted) ? wanted : (me.services[0] ?? '');
  useEffect(() => {
    const timer = window.setInterval(
      () => {
        void askMe().then((answer) => {
          if (answer.kind === 'me') onMe(answer.me);
        });
      },
      service === '' ? lookAgainMs : servicesEveryMs,
    );
    return () => window.clearInterval(timer);
  }, [service]);
  const choose = (name: string) => {
    history.replaceState(null, '', `?service=${encodeURIComponent(name)}`);
    setWanted(name);
  };
  const leave = () => void logOut(me).then(() => onLoggedOut(''));
  const head = (
    <header class="top">
      <span class="mark">
        <span class="keel" aria-hidden="true" />
        Evenkeel
      </span>
      <nav aria-label="Services">
        {me.services.map((name) => (
          <button
            key={name}
            type="button"
            class="tab"
            aria-current={name === service ? 'page' : undefined}
            onClick={() => choose(name)}
          >
            {name}
          </button>
        ))}
      </nav>
      <span class="who">
        <bdi>{me.by}</bdi>
        <button type="button" class="quiet" onClick={leave}>
          Log out
        </button>
      </span>
    </header>
  );
  if (service === '') {
    return (
      <div ref={body} tabIndex={-1} class="all">
        {head}
        <main class="alone">
          <h1>No service is known</h1>
          <p>
            <code>evenkeel apply policy.yaml</code> makes one known. If there is one, ConfigDB may
            not answer. This page shows it by itself.
          </p>
        </main>
      </div>
    );
  }
  return (
    <div ref={body} tabIndex={-1} class="all">
      {head}
      <ServicePage
        key={service}
        service={service}
        me={me}
        onLoggedOut={() => onLoggedOut('Your login has ended.')}
      />
    </div>
  );
}

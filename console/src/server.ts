// Owns: speaking to the console's server: who is logged in, logging in and out, actions. Never keeps a
// token: the login is a cookie that scripts cannot read.

import type {
  ActionAnswer,
  ActionName,
  ActionWish,
  CostAnswer,
  CostWish,
  Me,
} from '../../src/console/picture.js';

/** Said when there is no answer at all. */
export const unreachableText = 'The server of this console does not answer. Nothing was done.';

export type MeAnswer =
  | { readonly kind: 'me'; readonly me: Me }
  /** `named`: whom the proxy before the console has named. */
  | { readonly kind: 'login'; readonly named: string | null }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'lost' };

export async function askMe(): Promise<MeAnswer> {
  return meIn(await ask('/api/me', {}));
}

export async function logIn(token: string, by: string): Promise<MeAnswer> {
  const answer = await ask('/api/login', post({ token, by }));
  const found = await meIn(answer);
  // Here a 401 is about what was typed.
  return found.kind === 'login' && answer !== null ? refusedBy(answer) : found;
}

export async function logOut({ csrf }: Me): Promise<void> {
  await ask('/api/logout', post({}, csrf));
}

export async function act(name: ActionName, wish: ActionWish, me: Me): Promise<ActionAnswer> {
  const answer = await ask(`/api/actions/${name}`, post(wish, me.csrf));
  if (answer === null) return { ok: false, text: unreachableText };
  const { ok, text } = await bodyOf<Partial<ActionAnswer>>(answer);
  return { ok: answer.ok && ok === true, text: text ?? `The server answered ${answer.status}.` };
}

/** What a rebalance would cost now; never fails. */
export async function askCost(wish: CostWish, me: Me): Promise<CostAnswer> {
  const answer = await ask('/api/cost', post(wish, me.csrf));
  if (answer === null) return { ok: false, lines: ['The server of this console does not answer.'] };
  const { ok, lines, text } = await bodyOf<Partial<CostAnswer & ActionAnswer>>(answer);
  if (answer.ok && lines !== undefined) return { ok: ok === true, lines };
  return { ok: false, lines: [text ?? `The server answered ${answer.status}.`] };
}

async function meIn(answer: Response | null): Promise<MeAnswer> {
  if (answer === null || answer.status >= 500) return { kind: 'lost' };
  if (answer.ok) return { kind: 'me', me: await bodyOf<Me>(answer) };
  if (answer.status !== 401) return refusedBy(answer);
  const { named } = await bodyOf<{ named?: string }>(answer.clone());
  return { kind: 'login', named: named ?? null };
}

async function refusedBy(answer: Response): Promise<MeAnswer> {
  const { text = 'refused' } = await bodyOf<{ text?: string }>(answer.clone());
  return { kind: 'refused', text };
}

const bodyOf = async <T>(answer: Response): Promise<T> =>
  (await answer.json().catch(() => ({}))) as T;

const post = (body: object, csrf?: string): RequestInit => ({
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    ...(csrf === undefined ? {} : { 'x-evenkeel-csrf': csrf }),
  },
  body: JSON.stringify(body),
});

const withinMs = 30_000;

async function ask(path: string, init: RequestInit): Promise<Response | null> {
  try {
    return await fetch(path, { ...init, signal: AbortSignal.timeout(withinMs) });
  } catch {
    return null;
  }
}

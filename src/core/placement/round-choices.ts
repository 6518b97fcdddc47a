// Parts of one plan that a round may be, the best first. Decides between none of them.
import { limitRound, type Round } from './round.js';
import type { Dealt, Situation } from './situation.js';

/**
 * The best first round; then what one donor or one receiver is in, those that leave first; then each
 * partition alone. `roundsLeft` of them says nothing.
 */
export function* choicesOf(
  s: Situation,
  dealt: readonly Dealt[],
  clients: number,
): Generator<Round> {
  yield limitRound(s, dealt, clients);
  const free = dealt.filter(isFree);
  const moves = dealt.filter((piece) => !isFree(piece));
  const only = (isChosen: (piece: Dealt) => boolean): Round => {
    const chosen = dealt.filter((piece) => isFree(piece) || isChosen(piece));
    const rest = moves.filter((piece) => !isChosen(piece));
    const round = limitRound(s, chosen, clients);
    return { ...round, later: [...round.later, ...rest] };
  };
  const donors = new Set(moves.map(({ donor }) => donor));
  for (const donor of [...donors].sort((a, b) => b - a)) yield only((one) => one.donor === donor);
  const receivers = new Set(moves.map(({ receiver }) => receiver));
  for (const receiver of [...receivers].sort((a, b) => a - b))
    yield only((one) => one.receiver === receiver);
  for (const piece of moves) {
    const others = moves.filter((one) => one !== piece);
    for (let p = piece.from; p <= piece.to; p += 1) {
      const split = [
        { ...piece, to: p - 1 },
        { ...piece, from: p + 1 },
      ].filter(({ from, to }) => from <= to);
      const now = [...free, { ...piece, from: p, to: p }].sort((a, b) => a.from - b.from);
      yield { now, later: [...others, ...split], roundsLeft: 0 };
    }
  }
}

/** Nobody is disconnected by it. */
function isFree({ donor, receiver }: Dealt): boolean {
  return donor < 0 || donor === receiver;
}

// Owns: how what came of a rebalance is said in one line. The text of an outcome may begin with its word
// (`rejected by ada`), because the run itself shows it alone; nobody reads that word twice. Pure.

/** `completed: grow 1 → 2`, `rejected by ada`, and the outcome alone where nothing is said of it. */
export function outcomeText(outcome: string, text: string): string {
  if (text === '') return outcome;
  const saysIt = text.startsWith(outcome) && !/^[\p{L}\p{N}-]/u.test(text.slice(outcome.length));
  return saysIt ? text : `${outcome}: ${text}`;
}

// Owns: the known word that somebody probably meant. Pure.

/** The nearest by edits, and by case last; undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  // More edits than a third of the word make another word of it.
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const one of known) {
    const other = one.toLowerCase();
    // A unit that was left out is no edit: `cooldown` for `cooldownMs`.
    const edits = other.startsWith(wanted) && wanted.length > 2 ? 1 : distance(wanted, other);
    if (edits < least) [best, least] = [one, edits];
  }
  return best;
}

/** Insertions, deletions and substitutions (Levenshtein, 1966), by rows (Wagner and Fischer, 1974). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

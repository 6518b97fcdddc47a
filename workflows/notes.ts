// Owns: the notes of a run and of its saga, sentences on the page that belong to no step. Bounded,
// because whoever causes one may do so again and again.

const notesMax = 12;
const more = 'more was noted, and is not shown';

/** Each sentence once; what does not fit is said to be left out, once. */
export function note(notes: string[], text: string): void {
  if (notes.includes(text) || notes.length > notesMax) return;
  notes.push(notes.length === notesMax ? more : text);
}

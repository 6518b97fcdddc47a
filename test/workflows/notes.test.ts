import { expect, it } from 'vitest';
import { note } from '../../workflows/notes.js';

it('notes are kept once each, and their number is bounded', () => {
  const notes: string[] = [];
  for (let i = 0; i < 60; i += 1) {
    note(notes, `note ${i}`);
    note(notes, `note ${i}`);
  }
  expect(notes.slice(0, 2)).toEqual(['note 0', 'note 1']);
  expect(notes).toHaveLength(13);
  expect(notes.at(-1)).toBe('more was noted, and is not shown');
});

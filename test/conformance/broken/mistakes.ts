// The deliberate mistakes, each with the check that must find it and the sentence that it must say.

import type { Mistake } from './mistake.js';
import { evidenceMistakes } from './mistakes/evidence.js';
import { frameMistakes } from './mistakes/frames.js';
import { handOverMistakes } from './mistakes/hand-over.js';
import { instanceMistakes } from './mistakes/instance.js';

export const mistakes: readonly Mistake[] = [
  ...evidenceMistakes,
  ...handOverMistakes,
  ...instanceMistakes,
  ...frameMistakes,
];

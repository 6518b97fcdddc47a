// Spoils good inputs: a field dropped, doubled or given a value that programs trip over; a text cut,
// repeated, or with bytes where none belong. Half of what comes out is still JSON, so that it reaches
// what lies behind the parser.

import type { Random } from './random.js';

/** Values that programs trip over. */
const traps: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e9,
  1e9 + 1,
  2 ** 53,
  1e300,
  '',
  '0',
  '-1',
  '007',
  '9'.repeat(16),
  '9'.repeat(400),
  'x'.repeat(200),
  '__proto__',
  'constructor',
  '\u0000',
  '\u202e',
  '\ud800',
  '👩‍👩‍👧‍👦',
  [],
  {},
  [[]],
  [[0, 7, 0]],
  { url: null },
  { toString: 1 },
];
const names = ['type', 'token', '__proto__', 'partition', 'revision', 'ranges', 'value', 'unknown'];
const pieces = [
  '\u0000',
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\u',
  '\\',
  '1e999',
  'null',
  '\ufeff',
];

/** A JSON text, spoilt in a few places or none. */
export function mutated(json: string, random: Random): string {
  if (random.oneIn(4)) return json;
  let text = json;
  for (let n = 1 + random.below(3); n > 0; n -= 1) {
    text = random.oneIn(3) ? spoilText(text, random) : spoilValue(text, random);
  }
  return text;
}

function spoilValue(text: string, random: Random): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return spoilText(text, random);
  }
  return JSON.stringify(spoil(value, random, 0)) ?? text;
}

const deepest = 4;

function spoil(value: unknown, random: Random, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth >= deepest || random.oneIn(12)) {
    return random.pick(traps);
  }
  if (Array.isArray(value)) return spoilList(value, random, depth);
  const entries = Object.entries(value);
  const [name] = random.pick(entries.length === 0 ? [['type', null]] : entries) as [
    string,
    unknown,
  ];
  const changed = new Map(entries);
  const how = random.below(10);
  if (how === 0) changed.delete(name);
  else if (how === 1) changed.set(random.pick(names), random.pick(traps));
  else if (how < 5) changed.set(name, random.pick(traps));
  else changed.set(name, spoil(changed.get(name), random, depth + 1));
  return Object.fromEntries(changed);
}

function spoilList(list: readonly unknown[], random: Random, depth: number): unknown {
  const changed = [...list];
  const at = random.below(list.length + 1);
  if (random.oneIn(3)) changed.splice(at, 1);
  else if (random.oneIn(2)) changed.splice(at, 0, random.pick(traps));
  else if (at < list.length) changed[at] = spoil(list[at], random, depth + 1);
  return changed;
}

function spoilText(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const length = random.below(16);
  switch (random.below(5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + length);
    case 2:
      return text.slice(0, at) + random.pick(pieces) + text.slice(at);
    case 3:
      return (
        text.slice(0, at) +
        text.slice(at, at + length).repeat(1 + random.below(20)) +
        text.slice(at)
      );
    default:
      return text.slice(0, at) + String.fromCharCode(random.below(0x10000)) + text.slice(at + 1);
  }
}

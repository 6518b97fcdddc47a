// The closed list of reasons: each is produced by a decision here, with its sentence.
import { describe, expect, it } from 'vitest';
import { decide, type DecisionInput } from '../../../src/core/scaling/decide.js';
import { emptyMemory } from '../../../src/core/scaling/memory.js';
import { reasonKinds, reasonText } from '../../../src/core/scaling/reasons.js';
import type { Case } from './cut-cases.js';
import { nowMs, policy } from './given.js';
import { cases } from './reason-cases.js';

function inputOf({ seen, by = {}, memory = {} }: Case): DecisionInput {
  return { snapshot: seen, policy: policy(by), memory: { ...emptyMemory, ...memory }, nowMs };
}

describe('every reason', () => {
  it('of the closed list has a case here', () => {
    expect(Object.keys(cases).sort()).toEqual([...reasonKinds].sort());
  });

  it.each(Object.entries(cases))('%s is said with its numbers', (kind, one) => {
    const { decision } = decide(inputOf(one));
    const reason = decision.reasons.find((found) => found.kind === kind);
    expect(reason === undefined ? decision.reasons : reasonText(reason)).toBe(one.text);
    expect(decision.kind).toBe(one.kind);
  });

  it.each(Object.entries(cases))('%s comes out the same again from its record', (_kind, one) => {
    const input = inputOf(one);
    const recorded = JSON.parse(JSON.stringify(input)) as DecisionInput;
    const decided = decide(input);
    expect(JSON.stringify(decide(recorded))).toBe(JSON.stringify(decided));
    expect(JSON.parse(JSON.stringify(decided))).toEqual(decided);
  });
});

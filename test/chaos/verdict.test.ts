// The verdict of a seed: nothing when every promise was kept, and a sentence for each that was not.
import { describe, expect, it } from 'vitest';
import { wrongIn, type Seen } from '../../chaos/verdict.js';

const messages = { sent: 9, delivered: 9, lost: 0, duplicated: 0, outOfOrder: 0, unanswered: 0 };
const well: Seen = {
  missing: [],
  state: 'COMPLETED',
  refused: [],
  next: { outcome: 'completed', text: 'grow 2 → 3' },
  missingAfter: [],
  differences: [],
  strangers: [],
  overlaps: 0,
  evidence: [],
  messages,
  away: [],
};

describe('the verdict', () => {
  it('is empty when every promise was kept', () => {
    expect(wrongIn(well)).toEqual([]);
    for (const state of ['NONE', 'CANCELLED', 'TERMINATED', 'CompensationFailed']) {
      expect(wrongIn({ ...well, state })).toEqual([]);
    }
  });

  const broken: readonly (readonly [Partial<Seen>, RegExp])[] = [
    [{ missing: ['nobody owns [3]'] }, /after 90 s of peace nobody owns \[3\]/],
    [{ state: 'TIMED_OUT' }, /a state without a name: TIMED_OUT/],
    [{ refused: [4, 5, 9] }, /newcomers of \[4-5,9\]/],
    [{ next: null }, /has not ended after 60 s/],
    [{ next: { outcome: 'undone', text: 'why' } }, /ended undone: why/],
    [{ missingAfter: ['2 instances run'] }, /after the next request 2 instances run/],
    [{ differences: ['a owns [0], planned was [1]'] }, /ConfigDB and log differ/],
    [{ strangers: ['process 7 is an instance'] }, /process 7/],
    [{ overlaps: 1 }, /1 clients were connected to two instances at once/],
    [{ evidence: ['nobody owns [2]'] }, /nobody owns \[2\]/],
    [{ messages: { ...messages, lost: 2 } }, /2 messages were accepted and did not arrive/],
    [{ messages: { ...messages, duplicated: 3 } }, /3 messages arrived twice/],
    [{ messages: { ...messages, outOfOrder: 4 } }, /4 messages arrived out of order/],
    [{ messages: { ...messages, unanswered: 5 } }, /5 messages were never accepted/],
    [{ messages: { ...messages, sent: 0 } }, /no message was sent/],
    [{ away: ['ada (dialling)'] }, /1 clients are not connected at the end/],
  ];
  it.each(broken)('says what is wrong of %j', (part, sentence) => {
    const wrong = wrongIn({ ...well, ...part });
    expect(wrong).toHaveLength(1);
    expect(wrong[0]).toMatch(sentence);
  });
});

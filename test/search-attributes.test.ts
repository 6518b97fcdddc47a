import { describe, expect, it } from 'vitest';
import { mistypedAttributes, registerSearchAttributes } from '../src/search-attributes.js';

const keyword = 2;
const int = 3;
const right = {
  EvenkeelService: keyword,
  EvenkeelPhase: keyword,
  EvenkeelOutcome: keyword,
  EvenkeelRevision: int,
  EvenkeelMovedClients: int,
  EvenkeelGapP99Ms: int,
};

describe('search attributes', () => {
  it('of another type are found, those of the right one and foreign ones are not', () => {
    expect(mistypedAttributes({ ...right, Other: 1 })).toEqual([]);
    expect(mistypedAttributes({})).toEqual([]);
    expect(mistypedAttributes({ ...right, EvenkeelMovedClients: keyword })).toEqual([
      { name: 'EvenkeelMovedClients', found: 'KEYWORD', wanted: 'INT' },
    ]);
  });

  it('of another type are refused with what to do, before any other is added', async () => {
    const added: unknown[] = [];
    const operator = {
      listSearchAttributes: async () => ({ customAttributes: { EvenkeelPhase: int } }),
      addSearchAttributes: async (what: unknown) => (added.push(what), {}),
    } as unknown as Parameters<typeof registerSearchAttributes>[0];
    await expect(registerSearchAttributes(operator, 'default')).rejects.toMatchObject({
      name: 'BadInputError',
      ...{ field: 'EvenkeelPhase', found: 'INT', allowed: 'KEYWORD' },
    });
    expect(added).toEqual([]);
  });
});

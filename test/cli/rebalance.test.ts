// What a rebalance asks for is checked before anything is sent.
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.js';

async function refusal(...argv: string[]) {
  let out = '';
  const io = { out: (text: string) => void (out += text), err: () => undefined, env: {} };
  const code = await main(['rebalance', ...argv, '--json'], io);
  return { code, error: (JSON.parse(out) as { error: object }).error };
}

describe('evenkeel rollback', () => {
  it.each(['0', 'last', '1.5'])('refuses %s as a revision', async (revision) => {
    let out = '';
    const io = { out: (text: string) => void (out += text), err: () => undefined, env: {} };
    expect(await main(['rollback', revision, '--json'], io)).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { field: 'revision', found: revision } });
  });
});

describe('evenkeel rebalance', () => {
  it.each([
    [[], 'service', 'nothing'],
    [['messaging', '--to', '0'], '--to', '0'],
    [['messaging', '--to', 'three'], '--to', 'three'],
    [['messaging', '--to', '3', '--instances', '4'], '--to', '3 and 4'],
    [['messaging', '--drain', 'chat-1'], '--drain', 'chat-1'],
    [['messaging', '--drain', 'messaging-1', 'messaging-01'], '--drain', 'messaging-01'],
  ])('%j is refused by the name of the option', async (argv, field, found) => {
    expect(await refusal(...argv)).toMatchObject({ code: 2, error: { field, found } });
  });
});

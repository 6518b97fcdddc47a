// A running service is left as it was, whichever checks were asked for and however they ended.
import { expect, it } from 'vitest';
import { NotPutBackError, thatGoesBack } from '../../src/conformance/goes-back.js';

/** `outcomes`: of every `as-before`, in their order. */
function mover(outcomes: readonly string[] = []) {
  const asked: string[] = [];
  const said: string[] = [];
  const left = [...outcomes];
  const inner = {
    announces: 'asks',
    byHand: 'evenkeel rebalance chat --to 2',
    ask: (how: string) => {
      asked.push(how);
      return Promise.resolve(how === 'one-more' ? 'completed' : (left.shift() ?? 'completed'));
    },
  };
  return { asked, said, mover: thatGoesBack(inner, (line) => void said.push(line)) };
}

it('asks for as many instances as before where only the check that grows was run', async () => {
  const { asked, said, mover: grown } = mover();
  await grown.ask('one-more');
  await grown.goBack();
  await grown.goBack();
  expect(asked).toEqual(['one-more', 'as-before']);
  expect(said.at(-1)).toBe('there are as many instances as before');
});

it('asks for nothing where nothing was asked for, or it went back already', async () => {
  const { asked, mover: whole } = mover();
  await whole.ask('one-more');
  await whole.ask('as-before');
  await whole.goBack();
  expect(asked).toEqual(['one-more', 'as-before']);
  const { asked: never, mover: idle } = mover();
  await idle.goBack();
  expect(never).toEqual([]);
});

it('asks again where the way back came to nothing', async () => {
  const { asked, mover: undone } = mover(['undone', 'completed']);
  await undone.ask('one-more');
  await undone.ask('as-before');
  await undone.goBack();
  expect(asked).toEqual(['one-more', 'as-before', 'as-before']);
});

it('waits for the way back that is under way, and asks no second time', async () => {
  const { asked, mover: ended } = mover();
  await ended.ask('one-more');
  const first = ended.ask('as-before');
  await Promise.all([first, ended.goBack()]);
  expect(asked).toEqual(['one-more', 'as-before']);
});

it('says how to put it back by hand where that is not possible', async () => {
  const { mover: stuck } = mover(['not over']);
  await stuck.ask('one-more');
  const failed = stuck.goBack();
  await expect(failed).rejects.toThrow(NotPutBackError);
  await expect(failed).rejects.toThrow(
    'the service may have one instance more than it was found with: evenkeel rebalance chat --to 2 (the rebalance ended: not over)',
  );
});

it('asks for no more moves once it was ended', async () => {
  const { asked, mover: over } = mover();
  await over.goBack();
  await expect(over.ask('one-more')).rejects.toThrow('the kit was ended');
  expect(asked).toEqual([]);
});

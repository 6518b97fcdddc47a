// A running service is left as it was, whichever checks were asked for.
import { expect, it } from 'vitest';
import { thatGoesBack } from '../../src/conformance/running-service.js';

function mover() {
  const asked: string[] = [];
  const inner = {
    announces: 'asks',
    ask: (how: string) => Promise.resolve(String(asked.push(how))),
  };
  return { asked, mover: thatGoesBack(inner) };
}

it('asks for as many instances as before where only the check that grows was run', async () => {
  const { asked, mover: grown } = mover();
  await grown.ask('one-more');
  await grown.goBack();
  await grown.goBack();
  expect(asked).toEqual(['one-more', 'as-before']);
});

it('asks for nothing where nothing was asked for, or it went back already', async () => {
  const { asked, mover: whole } = mover();
  await whole.goBack();
  await whole.ask('one-more');
  await whole.ask('as-before');
  await whole.goBack();
  expect(asked).toEqual(['one-more', 'as-before']);
});

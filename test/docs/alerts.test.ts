// docs/alerts.md: a runbook for each alert of the chart, none for one that there is not, and one for an undo
// that failed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPage } from '../support/documents.js';
import { root } from '../support/source-tree.js';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const rules = [
  ...read('helm/evenkeel/templates/_rules.tpl').matchAll(/"name" "(Evenkeel\w+)"/g),
].map(([, name = '']) => name);
const page = readPage('docs/alerts.md', read('docs/alerts.md'));
const sections = page.text.split('\n### ').slice(1);

it('has a section for each alert, and no other', () => {
  expect(rules.length).toBeGreaterThan(10);
  const described = [...page.anchors].filter((anchor) => /^evenkeel[a-z]+$/.test(anchor));
  expect(described.sort()).toEqual(rules.map((name) => name.toLowerCase()).sort());
});

it('says of each how bad it is and after how long it fires, as the rule does', () => {
  const rulesOf = read('helm/evenkeel/templates/_rules.tpl');
  const said = [
    ...rulesOf.matchAll(/"name" "(Evenkeel\w+)" "severity" "(\w+)" "for" "(\d+)([sm])"/g),
  ].map(([, name = '', severity = '', count = '', unit = '']) => {
    const after = count === '0' ? '' : `, after ${count} ${unit === 'm' ? 'min' : 's'}`;
    return `${name}: ${severity}${after}`;
  });
  const shown = sections.flatMap((section) => {
    const [, name = '', text = ''] = /^(Evenkeel\w+)\n\n_([^_]+)\._/.exec(section) ?? [];
    return name === '' ? [] : [`${name}: ${text.toLowerCase()}`];
  });
  expect(said).toHaveLength(rules.length);
  expect(shown.sort()).toEqual(said.sort());
});

it('says in each what it means and what to do, not only its name', () => {
  const words = (section: string) => section.split(/\s+/).length;
  expect(
    sections.filter((section) => words(section) < 30).map((section) => section.slice(0, 40)),
  ).toEqual([]);
});

it('names the service in every command, as the alert does: there may be several', () => {
  const withoutService = (text: string, service: string) =>
    [...text.matchAll(/`(evenkeel [^`]+)`/g)]
      .map(([, command = '']) => command)
      .filter((command) => !command.split(' ').includes(service));
  expect(withoutService('then `evenkeel doctor`, or `evenkeel doctor A`', 'A')).toHaveLength(1);
  expect(withoutService(page.text, 'SERVICE')).toEqual([]);
  expect(withoutService(read('helm/evenkeel/templates/_rules.tpl'), '%s')).toEqual([]);
});

it('has a runbook for an undo that failed', () => {
  expect(page.anchors).toContain('compensation-failed');
});

// Every environment variable that a program of ours reads is explained in the documents, and every one that
// they name is read.
import { expect, it } from 'vitest';
import { pages } from '../support/documents.js';
import { codeOf, filesBelow } from '../support/source-tree.js';

/** Made by our own programs for their children. */
const internal = ['EVENKEEL_RUN_ID'];
const text = pages()
  .map((page) => page.text)
  .join('\n');

/** By its name, or as the end of a family: `KAFKA_TLS_CA_FILE`, `…_CERT_FILE`. */
const isExplained = (name: string): boolean =>
  text.includes(name) ||
  [...name.matchAll(/_/g)].some(({ index }) => text.includes(`\`…${name.slice(index)}\``));

it('explains every variable', () => {
  const read = ['src', 'stack', 'activities', 'workflows', 'examples', 'console']
    .flatMap((folder) => filesBelow(folder, ['.ts', '.mjs']))
    .flatMap((file) => [
      ...codeOf(file.text).matchAll(/\b(?:EVENKEEL|PROMETHEUS|MONGODB)_[A-Z_]*[A-Z]\b/g),
    ])
    .map(([name]) => name);
  const names = [...new Set(read)].filter((name) => !internal.includes(name));
  expect(names.length).toBeGreaterThan(30);
  expect(names.filter((name) => !isExplained(name)).sort()).toEqual([]);
});

it('names none that nobody reads', () => {
  const sources = ['src', 'stack', 'activities', 'workflows', 'examples', 'console', 'helm', 'test']
    .flatMap((folder) => filesBelow(folder, ['.ts', '.mjs', '.yaml', '.tpl', '.py']))
    .map((file) => file.text)
    .join('\n');
  const named = pages()
    .filter(({ path }) => path !== 'CHANGELOG.md')
    .flatMap((page) =>
      [...page.text.matchAll(/\bEVENKEEL_[A-Z_]*[A-Z]\b/g)].map(
        ([name]) => [page.path, name] as const,
      ),
    );
  expect(named.length).toBeGreaterThan(60);
  const gone = named.filter(([, name]) => !new RegExp(`\\b${name}\\b`).test(sources));
  expect(gone.map(([page, name]) => `${page}: nobody reads ${name}`)).toEqual([]);
});

// Every link and anchor of the documents leads somewhere. Those to other hosts are https, and are listed, so
// that a new one is seen and opened by whoever reads the change: no test rests on somebody else's server.
import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, readPage, whereOf, type Link, type Page } from '../support/documents.js';
import { root } from '../support/source-tree.js';

/** More on one page is no page that anybody reads. */
const linksMax = 500;
const all = pages();
const byPath = new Map(all.map((page) => [page.path, page]));

/** All that lead to other hosts. */
const toOtherHosts = [
  'https://doc.akka.io/libraries/akka-core/current/coordinated-shutdown.html',
  'https://doc.akka.io/libraries/akka-core/current/split-brain-resolver.html',
  'https://doc.akka.io/libraries/akka-core/current/typed/cluster-sharding-concepts.html',
  'https://github.com/databricks/dicer/blob/master/docs/UserGuide.md',
  'https://github.com/linkedin/cruise-control',
  'https://keda.sh/docs/2.12/scalers/apache-kafka/',
  'https://keda.sh/docs/2.16/concepts/scaling-deployments/',
  'https://keepachangelog.com/en/1.1.0/',
  'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/',
  'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/',
  'https://semver.org/',
  'https://www.databricks.com/blog/open-sourcing-dicer-databricks-auto-sharder',
];

/** What is wrong about a link; undefined when nothing is. */
function complaintOf({ page, url }: Link, known: ReadonlyMap<string, Page> = byPath) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) return externalComplaint(url);
  const [file = '', anchor] = url.split('#');
  const path = file === '' ? page : normalize(join(dirname(page), decodeURIComponent(file)));
  if (path.startsWith('..')) return 'leads out of the repository';
  if (!known.has(path) && !existsSync(join(root, path))) return `${path} is not there`;
  if (anchor === undefined) return undefined;
  const target = known.get(path);
  if (target === undefined) {
    return statSync(join(root, path)).isDirectory() ? 'a folder has no headings' : undefined;
  }
  return target.anchors.has(anchor) ? undefined : `${path} has no heading #${anchor}`;
}

function externalComplaint(url: string): string | undefined {
  if (/^mailto:/.test(url)) return undefined;
  if (!URL.canParse(url)) return 'is no URL';
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:') return `is ${protocol}, not https:`;
  return hostname.includes('.') ? undefined : 'names no host';
}

describe.each(all.map((page) => [page.path, page] as const))('%s', (_, page) => {
  it('has links that lead somewhere', () => {
    expect(page.links.length).toBeLessThanOrEqual(linksMax);
    const wrong = page.links.flatMap((link) => {
      const complaint = complaintOf(link);
      return complaint === undefined ? [] : [`${whereOf(link)}: ${link.url} ${complaint}`];
    });
    expect(wrong).toEqual([]);
  });
});

/** Paths from the root, as sentences name them; those with `*` or `{…}` stand for several. */
const ofTheRepository =
  /^(?:\.ci|src|test|stack|activities|workflows|helm|examples|bench|console|chaos|fuzz|faults|docs|api)\/[\w./-]*[\w/]$/;

describe('files that sentences name', () => {
  it('are there', () => {
    const gone = all
      .filter(({ path }) => path !== 'CHANGELOG.md')
      .flatMap(({ codes }) => codes)
      .filter(({ text }) => ofTheRepository.test(text) && !existsSync(join(root, text)));
    expect(gone.map((code) => `${whereOf(code)}: ${code.text} is not there`)).toEqual([]);
  });
});

describe('links to other hosts', () => {
  it('are those that are listed', () => {
    const found = all.flatMap(({ links }) => links.map(({ url }) => url));
    const others = found.filter((url) => /^[a-z][a-z0-9+.-]*:/i.test(url));
    expect([...new Set(others)].sort(), 'open it, then list it').toEqual(toOtherHosts);
  });
});

describe('every page of docs/', () => {
  it('is reached from another page', () => {
    const linked = new Set(
      all.flatMap(({ path, links }) =>
        links
          .map(({ url }) => normalize(join(dirname(path), url.split('#')[0] ?? '')))
          .filter((target) => target !== path),
      ),
    );
    const lonely = all.map(({ path }) => path).filter((path) => !linked.has(path));
    expect(
      lonely.filter((path) => path.startsWith('docs/')),
      'add it to docs/README.md',
    ).toEqual([]);
  });
});

describe('these rules', () => {
  const page = readPage(
    'docs/x.md',
    '# A `b` c\n\n## Twice\n\n## Twice\n\n[a](#a-b-c) [b](#twice-1) [c](#twice-2) [d](y.md) ' +
      '[e](../README.md#no-such) [f](https://) [g](../../up.md) ![h](pictures/none.png) ' +
      '[i](https://example.com/x#y) [j](http://example.com/) <img src="gone.svg">\n',
  );

  it('see what leads nowhere, and what leads somewhere', () => {
    const known = new Map([...byPath, [page.path, page] as const]);
    const wrong = page.links.filter((link) => complaintOf(link, known) !== undefined);
    expect(wrong.map(({ url }) => url)).toEqual([
      '#twice-2',
      'y.md',
      '../README.md#no-such',
      'https://',
      '../../up.md',
      'pictures/none.png',
      'http://example.com/',
      'gone.svg',
    ]);
  });
});

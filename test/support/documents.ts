// The pages of this repository as data for the tests about them: links, headings and code blocks, as a
// Markdown parser sees them. Judges nothing.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import GithubSlugger from 'github-slugger';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { root } from './source-tree.js';

export interface Block {
  readonly page: string;
  /** Of its opening fence. */
  readonly line: number;
  /** First word of the info string; empty without one. */
  readonly language: string;
  /** The other words: `no-run`, `file=plan.json`. */
  readonly words: readonly string[];
  readonly text: string;
}

export interface Link {
  readonly page: string;
  readonly line: number;
  /** As it is written, also of a picture. */
  readonly url: string;
}

/** `code` within a sentence or a table. */
export interface Code {
  readonly page: string;
  readonly line: number;
  readonly text: string;
}

export interface Page {
  /** From the root. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly links: readonly Link[];
  readonly codes: readonly Code[];
  /** Names that `#…` may name: of headings, as GitHub makes them, and of HTML ids. */
  readonly anchors: ReadonlySet<string>;
}

const atTheRoot = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

/** Every page that people read, in order. */
export function pages(): readonly Page[] {
  const inDocs = readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  const ofExamples = readdirSync(join(root, 'examples')).map(
    (name) => `examples/${name}/README.md`,
  );
  return [...atTheRoot, ...inDocs.sort(), ...ofExamples.sort()]
    .filter((path) => existsSync(join(root, path)))
    .map((path) => readPage(path, readFileSync(join(root, path), 'utf8')));
}

interface Node {
  readonly type: string;
  readonly value?: string | undefined;
  readonly url?: string | undefined;
  readonly lang?: string | null | undefined;
  readonly meta?: string | null | undefined;
  readonly children?: readonly Node[] | undefined;
  readonly position?: { readonly start: { readonly line: number } } | undefined;
}

/** `path` says where relative links start. */
export function readPage(path: string, text: string): Page {
  const tree: Node = fromMarkdown(text, {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  });
  const blocks: Block[] = [];
  const links: Link[] = [];
  const codes: Code[] = [];
  const anchors = new Set<string>();
  const slugger = new GithubSlugger();
  const visit = (node: Node): void => {
    const line = node.position?.start.line ?? 0;
    if (node.type === 'code') {
      const words = (node.meta ?? '').split(/\s+/).filter((word) => word !== '');
      blocks.push({ page: path, line, language: node.lang ?? '', words, text: node.value ?? '' });
    }
    if (node.type === 'inlineCode') codes.push({ page: path, line, text: node.value ?? '' });
    if (node.url !== undefined) links.push({ page: path, line, url: node.url });
    if (node.type === 'heading') anchors.add(slugger.slug(wordsOf(node)));
    if (node.type === 'html') {
      for (const [, id = ''] of (node.value ?? '').matchAll(/\bid="([^"]+)"/g)) anchors.add(id);
      for (const [, url = ''] of (node.value ?? '').matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)) {
        links.push({ page: path, line, url });
      }
    }
    for (const child of node.children ?? []) visit(child);
  };
  visit(tree);
  return { path, text, blocks, links, codes, anchors };
}

function wordsOf(node: Node): string {
  if (node.value !== undefined && node.type !== 'html') return node.value;
  return (node.children ?? []).map(wordsOf).join('');
}

/** `docs/alerts.md:12`, to be found again. */
export const whereOf = ({ page, line }: { readonly page: string; readonly line: number }): string =>
  `${page}:${line}`;

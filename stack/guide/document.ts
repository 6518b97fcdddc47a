// Owns: what a guide tells its reader to do, as data: the files it shows and the commands it gives, in order.
// Everything else in the document is for reading. Pure.

import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';

export interface GuideStep {
  /** `file`: the reader writes it; `run`: the reader runs it; `stack`: whoever has a stack need not. */
  readonly kind: 'file' | 'run' | 'stack';
  /** The nearest heading above. */
  readonly under: string;
  /** Of the document, from 1. */
  readonly line: number;
  /** Of a file: where it goes, below the reader's folder. */
  readonly name?: string;
  readonly text: string;
}

const shells = ['sh', 'bash', 'shell'];

/**
 * ` ```ts file=service.ts ` is a file, ` ```sh ` is run, ` ```sh stack ` starts backing services, and
 * ` ```sh example ` is for reading like every other block. Throws for a file outside of the reader's folder.
 */
export function guideSteps(markdown: string): readonly GuideStep[] {
  const steps: GuideStep[] = [];
  let under = '';
  const visit = (node: Nodes): void => {
    if (node.type === 'heading') under = textOf(node);
    if (node.type === 'code') {
      const { lang, meta, value: text, position } = node;
      const words = (meta ?? '').split(/\s+/);
      const name = words.find((word) => word.startsWith('file='))?.slice('file='.length);
      const at = { under, line: position?.start.line ?? 0, text };
      if (name !== undefined) steps.push({ kind: 'file', ...at, name: insideOf(name, at.line) });
      else if (shells.includes(lang ?? '') && !words.includes('example'))
        steps.push({ kind: words.includes('stack') ? 'stack' : 'run', ...at });
    }
    if ('children' in node) node.children.forEach(visit);
  };
  visit(fromMarkdown(markdown));
  return steps;
}

/** `npm install evenkeel`, as the guide says, with what was packed here instead of what is published. */
export function withTarball(command: string, tarball: string): string {
  return command.replace(
    /^(\s*npm (?:install|i|add)\b)(.*)$/gm,
    (_line, npm: string, args: string) =>
      npm + args.replace(/(^|\s)(?:\.\/)?evenkeel(?:@\S+|-[\d.]+\.tgz)?(?=\s|$)/g, `$1${tarball}`),
  );
}

function insideOf(name: string, line: number): string {
  const outside = name === '' || name.startsWith('/') || name.split('/').includes('..');
  if (outside) throw new Error(`line ${line}: ${name} is no file of the reader's folder`);
  return name;
}

function textOf(node: Nodes): string {
  if ('value' in node) return node.value;
  return 'children' in node ? node.children.map(textOf).join('') : '';
}

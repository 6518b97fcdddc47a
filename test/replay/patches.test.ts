import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { filesBelow, type SourceFile } from '../support/source-tree.js';
import { historyFiles, patchesIn, readHistory } from './recorded-histories.js';

// A patch that no recorded history has gone past is not tried by their replay: the code behind it could
// change, and nobody would be told. So each patch of the workflows stands in one of them.

/** Of each call of `patched` in a file: what it is given, with `*` for what only a run knows. */
function patchesAskedFor({ path, text }: SourceFile): readonly string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const constants = new Map<string, string>();
  const asked: string[] = [];
  const textOf = (node: ts.Expression | undefined): string => {
    if (node === undefined) return '*';
    if (ts.isStringLiteralLike(node)) return node.text;
    if (ts.isIdentifier(node)) return constants.get(node.text) ?? '*';
    if (!ts.isTemplateExpression(node)) return '*';
    const spans = node.templateSpans.map((span) => textOf(span.expression) + span.literal.text);
    return node.head.text + spans.join('');
  };
  const visit = (look: (node: ts.Node) => void, node: ts.Node = source): void => {
    look(node);
    ts.forEachChild(node, (child) => visit(look, child));
  };
  visit((node) => {
    if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name)) return;
    const { initializer } = node;
    if (initializer !== undefined && ts.isStringLiteralLike(initializer)) {
      constants.set(node.name.text, initializer.text);
    }
  });
  visit((node) => {
    if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return;
    if (node.expression.text === 'patched') asked.push(textOf(node.arguments[0]));
  });
  return asked;
}

const askedFor = filesBelow('workflows', ['.ts']).flatMap(patchesAskedFor);

/** Whether an id is what a call asks for. */
function isMeant(id: string, asked: string): boolean {
  const parts = asked.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`).test(id);
}

describe('patches of the workflows', () => {
  const gonePast = new Set(historyFiles().map(readHistory).flatMap(patchesIn));

  it('are found in their sources', () => {
    const source = `
      const prefix = 'signal-';
      if (patched('verify-twice')) go();
      const isRefused = () => patched(\`\${prefix}\${count}\`);`;
    const found = patchesAskedFor({ path: 'example.ts', text: source });
    expect(found).toEqual(['verify-twice', 'signal-*']);
    expect(['signal-7', 'signal-', 'other'].map((id) => isMeant(id, 'signal-*'))).toEqual([
      true,
      false,
      false,
    ]);
    expect(askedFor).toContain('undo-takes-an-epoch');
  });

  it.each(askedFor)('%s stands in a recorded history', (asked) => {
    const where = 'record one: docs/changing-a-workflow.md, "How it is caught"';
    const why = `no history in test/replay/histories went past the patch "${asked}": ${where}`;
    expect(asked, 'patched() is given a text, or a constant of its file').not.toBe('*');
    expect(
      [...gonePast].some((id) => isMeant(id, asked)),
      why,
    ).toBe(true);
  });

  it('are kept as long as a recorded history has gone past them', () => {
    const gone = [...gonePast].filter((id) => !askedFor.some((asked) => isMeant(id, asked)));
    expect(gone, 'these were removed while histories of theirs must still replay').toEqual([]);
  });
});

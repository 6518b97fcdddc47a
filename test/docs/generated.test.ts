// The pages that are made from the code: the reference of the policy from its schema, and that of the command
// line from the commands' own help. Stale? This makes them again:
//   npx vitest run --project unit test/docs/generated.test.ts -u
import { format, resolveConfig } from 'prettier';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commandNames, main } from '../../src/cli/main.js';
import { policyReference } from '../../src/cli/policy/reference.js';
import { root } from '../support/source-tree.js';

const again = 'npx vitest run --project unit test/docs/generated.test.ts -u';
const made = (what: string) => `<!-- Made by \`${again}\` from ${what}; do not edit. -->`;

async function expectPage(name: string, text: string): Promise<void> {
  const path = join(root, 'docs', name);
  const style = await resolveConfig(path);
  const page = await format(text, { ...style, parser: 'markdown' });
  await expect(page).toMatchFileSnapshot(path);
}

async function helpOf(argv: readonly string[]): Promise<string> {
  let text = '';
  const io = {
    out: (part: string) => void (text += part),
    err: () => undefined,
    env: {},
    columns: () => 100,
  };
  expect(await main([...argv, '--help'], io), argv.join(' ')).toBe(0);
  return text.trimEnd();
}

/** Names below `Commands:` in a help text, without `help` itself. */
const namesIn = (help: string): readonly string[] =>
  [...(help.split('\nCommands:\n')[1] ?? '').matchAll(/^ {2}([a-z][a-z-]*)/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help');

const block = (text: string) => `\`\`\`text\n${text}\n\`\`\``;

it('docs/policy-reference.md has every field of the schema', async () => {
  await expectPage(
    'policy-reference.md',
    `# Policy reference

${made('the schema')}

Every field of a policy, with its default. How they work together, and policies to start from: [policy.md](policy.md).
\`evenkeel policy reference\` prints this table, \`evenkeel policy schema\` the JSON Schema for editors. Times are
milliseconds; \`a[].b\` is a field of each entry of a list.

${policyReference()}
`,
  );
});

it('docs/cli.md has every command and option', async () => {
  const parts: string[] = [];
  for (const name of commandNames) {
    const help = await helpOf([name]);
    parts.push(`## ${name}`, block(help));
    for (const below of namesIn(help)) {
      parts.push(`### ${name} ${below}`, block(await helpOf([name, below])));
    }
  }
  await expectPage(
    'cli.md',
    `# Command line

${made("the commands' own help")}

\`evenkeel\`, in a checkout \`npm run -s evenkeel -- …\`. What programs may rely on (\`--json\`, exit status) is in
[protocol.md](protocol.md#7-command-line); what requests do in [operations.md](operations.md).

${commandNames.map((name) => `[${name}](#${name})`).join(' · ')}

${block(await helpOf([]))}

${parts.join('\n\n')}
`,
  );
});

// Test runners see every property of a CommonJS module as a named export; Node, which runs the built
// program, sees those that it finds by reading the text.
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { filesBelow, root } from '../../support/source-tree.js';

it('what is imported from kafkajs by name can be imported by Node itself', () => {
  const names = new Set<string>();
  for (const { text } of filesBelow('src', ['.ts'])) {
    for (const [, list = ''] of text.matchAll(/import \{([^}]*)\} from 'kafkajs'/g)) {
      for (const name of list.split(',').map((one) => one.trim())) {
        if (name !== '' && !name.startsWith('type ')) names.add(name);
      }
    }
  }
  expect(names).toContain('Kafka');
  const program = `import { ${[...names].join(', ')} } from 'kafkajs';`;
  execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root });
});

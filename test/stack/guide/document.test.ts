// What the script that follows a guide takes from it.

import { describe, expect, it } from 'vitest';
import { guideSteps, withTarball } from '../../../stack/guide/document.js';

const guide = `# A guide

Words, and \`code\`.

## Begin

1. Install it:

   \`\`\`sh
   npm install evenkeel
   \`\`\`

2. Write it:

   \`\`\`ts file=src/service.ts
   export const a = 1;
   \`\`\`

## Run

\`\`\`sh stack
docker compose up -d
\`\`\`

\`\`\`sh example
rm -rf /
\`\`\`

\`\`\`
not a language
\`\`\`

\`\`\`sh
node a.js &
echo b
\`\`\`
`;

describe('a guide', () => {
  it('is its files and commands in order, each with its heading and line', () => {
    expect(guideSteps(guide)).toEqual([
      { kind: 'run', under: 'Begin', line: 9, text: 'npm install evenkeel' },
      {
        ...{ kind: 'file', under: 'Begin', line: 15, name: 'src/service.ts' },
        text: 'export const a = 1;',
      },
      { kind: 'stack', under: 'Run', line: 21, text: 'docker compose up -d' },
      { kind: 'run', under: 'Run', line: 33, text: 'node a.js &\necho b' },
    ]);
  });

  it.each(['../x', '/etc/passwd', 'a/../../b', ''])('writes nothing outside: %j', (name) => {
    expect(() => guideSteps(`\`\`\`ts file=${name}\nx\n\`\`\`\n`)).toThrow('line 1: ');
  });
});

it.each([
  ['npm install evenkeel', 'npm install /t.tgz'],
  ['npm i evenkeel ws', 'npm i /t.tgz ws'],
  ['npm i ./evenkeel-0.1.0.tgz', 'npm i /t.tgz'],
  ['npm i -D x evenkeel@0.1.0\nnpx evenkeel plan', 'npm i -D x /t.tgz\nnpx evenkeel plan'],
  ['npm i evenkeel-plugin', 'npm i evenkeel-plugin'],
  ['mkdir evenkeel', 'mkdir evenkeel'],
])('the package is what was packed: %s', (said, done) => {
  expect(withTarball(said, '/t.tgz')).toBe(done);
});

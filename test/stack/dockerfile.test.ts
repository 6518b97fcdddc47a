// What the Dockerfile says: the parser, and the parts of ours that are promised.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkoutDir } from '../../stack/checkout.js';
import { configOf, parseCopy, parseDockerfile } from '../../stack/image/dockerfile.js';

const text = `# says what it is
FROM base:1 AS build
WORKDIR /app
# in between
RUN one \\
  && two
FROM base:2
ENV A=1 B=x=y
COPY --from=build /app/dist dist
HEALTHCHECK --interval=1s \\
  CMD ["check", "it"]
ENTRYPOINT ["run"]
`;

describe('a Dockerfile', () => {
  it('is read as stages and instructions, without comments and with lines joined', () => {
    const [build, last, ...more] = parseDockerfile(text);
    expect(more).toEqual([]);
    expect(build).toEqual({
      name: 'build',
      instructions: [
        { name: 'WORKDIR', rest: '/app' },
        { name: 'RUN', rest: 'one && two' },
      ],
    });
    expect(last?.name).toBe('1');
    expect(last && configOf(last)).toEqual({
      workingDir: '/',
      env: { A: '1', B: 'x=y' },
      user: 'root',
      entrypoint: ['run'],
      cmd: [],
      healthCheck: { command: ['check', 'it'] },
    });
  });

  it('tells where a copy comes from', () => {
    expect(parseCopy('--from=build /app/dist dist')).toEqual({
      ...{ from: 'build', sources: ['/app/dist'], target: 'dist' },
    });
    expect(parseCopy('a b ./')).toEqual({ from: undefined, sources: ['a', 'b'], target: './' });
    expect(() => parseCopy('--chown=1 a b')).toThrow('--chown=1');
  });

  it('is refused where it says something that would not be done', () => {
    expect(() => parseDockerfile('FROM a\nVOLUME /data')).toThrow('VOLUME /data');
    expect(() => parseDockerfile('RUN a')).toThrow('not with FROM');
  });
});

it('our image is nobody who is root, checks its health, and is the worker unless it is told otherwise', () => {
  const last = parseDockerfile(readFileSync(join(checkoutDir, 'Dockerfile'), 'utf8')).at(-1);
  expect(last && configOf(last)).toMatchObject({
    user: 'node',
    entrypoint: ['node', 'dist/src/cli/main.js'],
    cmd: ['worker'],
    healthCheck: { command: ['node', '-e', expect.stringContaining('/healthz/live')] },
  });
});

// `npm run image -- DIRECTORY`: the Dockerfile's steps on this machine, without a container engine, and what
// came of them.

import { resolve } from 'node:path';
import { buildImage } from './build.js';

export async function main(argv: readonly string[]): Promise<number> {
  const [into, ...more] = argv;
  if (into === undefined || more.length > 0 || into.startsWith('-')) {
    process.stderr.write(
      'npm run image -- DIRECTORY: where the image shall lie; it is emptied before\n',
    );
    return 2;
  }
  const onProgress = (line: string) => void process.stderr.write(`image: ${line}\n`);
  const { root, config } = await buildImage({ into: resolve(into), onProgress });
  process.stdout.write(`${JSON.stringify({ root, ...config }, null, 2)}\n`);
  return 0;
}

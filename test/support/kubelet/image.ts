// The one image that there is: this checkout, as the last stage of its Dockerfile says. What that stage
// copies is what a container sees of it, under its working directory; nothing else of the checkout.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDir } from '../../../stack/checkout.js';
import {
  configOf,
  parseCopy,
  parseDockerfile,
  type ImageConfig,
} from '../../../stack/image/dockerfile.js';

export interface Image extends ImageConfig {
  /** Absolute path in the container → path on this machine. */
  readonly files: Readonly<Record<string, string>>;
}

/** `from`: the image's own working directory on this machine; this checkout has the same things in it. */
export function readImage(from = checkoutDir): Image {
  const last = parseDockerfile(readFileSync(join(checkoutDir, 'Dockerfile'), 'utf8')).at(-1);
  if (last === undefined) throw new Error('the Dockerfile has no stage');
  const config = configOf(last);
  const names = last.instructions
    .filter(({ name }) => name === 'COPY')
    .map(({ rest }) => parseCopy(rest))
    .flatMap(({ sources, target }) => (target === './' ? sources : [target]));
  const pairs = names.map((name) => [join(config.workingDir, name), join(from, name)]);
  return { ...config, files: Object.fromEntries(pairs) as Record<string, string> };
}

// Owns: the files of the page, read once and served from memory: nothing that a request says becomes a
// path. Never knows what is in them.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BadInputError } from '../errors.js';

export interface Asset {
  readonly body: Buffer;
  readonly gzipped: Buffer;
  readonly type: string;
  readonly etag: string;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** By the path that a browser asks for; `/` is the page. @throws BadInputError when it was not built */
export function readAssets(folder: string): ReadonlyMap<string, Asset> {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new BadInputError(`the page of the console is not in ${folder}: run npm run build`, {
      field: 'console',
      found: 'no index.html',
      allowed: 'a build of this version',
    });
  }
  const assets = new Map<string, Asset>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const body = readFileSync(path);
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const name = `/${relative(folder, path).split(sep).join('/')}`;
    assets.set(name === '/index.html' ? '/' : name, {
      body,
      gzipped: gzipSync(body),
      type,
      etag,
    });
  }
  return assets;
}

// Owns: the console's page: console/ bundled into dist/console-page by Vite. Run by build.mjs, with
// dist/ as its argument. Types are checked by `npm run typecheck`.
import { join } from 'node:path';
import { build } from 'vite';
import { checkoutDir } from './say.mjs';

const [, , dist = join(checkoutDir, 'dist')] = process.argv;

await build({
  configFile: false,
  root: join(checkoutDir, 'console'),
  base: '/',
  logLevel: 'warn',
  build: {
    outDir: join(dist, 'console-page'),
    emptyOutDir: true,
    target: 'es2022',
    // Everything is a file of our own: the page allows no `data:`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    // How long it takes is no warning: the machine may be busy.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});

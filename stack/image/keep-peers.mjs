// Owns: package.json of the image while it is built: what is optional for whoever installs the package is
// needed by the image, which is every program of ours. `npm prune --omit=dev` then keeps it. Plain
// JavaScript in the working directory; changes no version, so the lockfile still says all of it.
import { readFileSync, writeFileSync } from 'node:fs';

const { peerDependencies, peerDependenciesMeta, ...manifest } = JSON.parse(
  readFileSync('package.json', 'utf8'),
);
const optional = Object.keys(peerDependenciesMeta);
for (const name of optional) delete manifest.devDependencies[name];
manifest.dependencies = { ...manifest.dependencies, ...peerDependencies };
writeFileSync('package.json', `${JSON.stringify(manifest, null, 2)}\n`);

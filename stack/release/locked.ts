// Owns: which packages package-lock.json holds and who gets them: everybody who installs Evenkeel, the image,
// or only whoever works on it. npm's own marks do not tell the last two apart, as optional peers are installed
// here for development. Pure.

export interface LockEntry {
  readonly version?: string;
  readonly license?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/** `package`: installed with Evenkeel. `image`: also in the image. `development`: neither. */
export type Reach = 'package' | 'image' | 'development';

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** As the package says it, an SPDX expression; undefined when it says nothing. */
  readonly licence: string | undefined;
  readonly reach: Reach;
}

/** Each name and version once, sorted, with the widest reach of its copies. */
export function lockedPackages({ packages }: Lockfile): readonly LockedPackage[] {
  const root = packages[''] ?? {};
  const ofPackage = reachedFrom(packages, Object.keys(root.dependencies ?? {}));
  const ofImage = reachedFrom(packages, [
    ...Object.keys(root.dependencies ?? {}),
    ...Object.keys(root.peerDependencies ?? {}),
  ]);
  const found = new Map<string, LockedPackage>();
  for (const [path, { version = '', license }] of Object.entries(packages)) {
    if (path === '') continue;
    const reach = ofPackage.has(path) ? 'package' : ofImage.has(path) ? 'image' : 'development';
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const key = `${name}@${version}`;
    const known = found.get(key);
    if (known !== undefined && widths.indexOf(known.reach) <= widths.indexOf(reach)) continue;
    const licence = typeof license === 'string' ? license : undefined;
    found.set(key, { name, version, licence, reach });
  }
  return [...found.values()].sort(
    (a, b) => compare(a.name, b.name) || compare(a.version, b.version),
  );
}

const widths: readonly Reach[] = ['package', 'image', 'development'];
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Paths of whatever these packages of the root need, themselves included. */
function reachedFrom(
  packages: Lockfile['packages'],
  names: readonly string[],
): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = names.flatMap((name) => resolved(packages, '', name));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const at = path;
    waiting.push(...needsOf(packages[at] ?? {}).flatMap((name) => resolved(packages, at, name)));
  }
  return reached;
}

function needsOf(entry: LockEntry): readonly string[] {
  const meta = entry.peerDependenciesMeta ?? {};
  const peers = Object.keys(entry.peerDependencies ?? {}).filter((name) => !meta[name]?.optional);
  return [
    ...Object.keys(entry.dependencies ?? {}),
    ...Object.keys(entry.optionalDependencies ?? {}),
    ...peers,
  ];
}

/** As Node looks: in the package's own node_modules, then in each above. Optional ones may be nowhere. */
function resolved(packages: Lockfile['packages'], from: string, name: string): readonly string[] {
  for (let at = from; ;) {
    const path = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (packages[path] !== undefined) return [path];
    if (at === '') return [];
    at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')));
  }
}

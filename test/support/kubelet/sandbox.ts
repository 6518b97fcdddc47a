// What a container runtime gives a process, as far as Linux gives it to anybody: a root file system of its
// own that holds the image, its volumes and the system's programs, all read-only where the pod says so; the
// user's number; no capabilities, no way to more; and no variable of this process. By user and mount
// namespaces (util-linux), so neither root nor an engine is needed. The network is this machine's.

import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

export interface Mount {
  /** In the container. */
  readonly path: string;
  /** On this machine: a directory or a file. */
  readonly source: string;
  readonly readOnly: boolean;
}

export interface Sandbox {
  /** An empty directory on this machine, where the root is made. */
  readonly root: string;
  readonly mounts: readonly Mount[];
  readonly workingDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: number;
  readonly readOnlyRoot: boolean;
}

export interface Invocation {
  readonly program: string;
  readonly args: readonly string[];
}

const capabilities = '--inh-caps=-all --ambient-caps=-all --bounding-set=-all';
/** Programs and libraries of the system, which stand for the base image. */
const system = [
  ...['/usr', '/bin', '/sbin', '/lib', '/lib64'],
  ...['/etc/ssl', '/etc/ld.so.cache', '/etc/nsswitch.conf'],
];
const devices = ['null', 'zero', 'random', 'urandom'];

/** How that program is started in that sandbox. */
export function sandboxed(sandbox: Sandbox, { program, args }: Invocation): Invocation {
  const { root, mounts, workingDir, env, user, readOnlyRoot } = sandbox;
  const script = [
    'set -e',
    `mount -t tmpfs -o mode=755 root ${quoted(root)}`,
    `cd ${quoted(root)}`,
    'mkdir -p etc proc dev tmp',
    'mount --rbind /proc proc',
    ...devices.map((name) => `touch dev/${name} && mount --bind /dev/${name} dev/${name}`),
    ...systemPaths().map((path) => attach(path, path, true)),
    ...inside(mounts).map(({ path, source, readOnly }) => attach(path, source, readOnly)),
    `mkdir -p .${quoted(workingDir)}`,
    ...(readOnlyRoot ? ['mount -o remount,ro .'] : []),
    // The run's name stays: by it the guard finds what is left when the test dies.
    [
      `exec env -i ${assignments(env)} EVENKEEL_RUN_ID="$EVENKEEL_RUN_ID"`,
      `chroot . setpriv --no-new-privs ${capabilities}`,
      `env --chdir=${quoted(workingDir)} ${[program, ...args].map(quoted).join(' ')}`,
    ].join(' '),
  ].join('\n');
  const as = [`--map-user=${user}`, `--map-group=${user}`, '--keep-caps'];
  return { program: 'unshare', args: ['--user', ...as, '--mount', 'sh', '-c', script] };
}

let possible: boolean | undefined;

/** Whether this machine lets us make namespaces; a container without rights may not. */
export function canSandbox(): boolean {
  possible ??=
    spawnSync('unshare', [
      ...['--user', '--map-user=1000', '--map-group=1000', '--keep-caps', '--mount'],
      ...['sh', '-c', 'mount -t tmpfs none /mnt && setpriv --no-new-privs true'],
    ]).status === 0;
  return possible;
}

/** A link is made again, whatever else is there is shown as it is. */
function attach(path: string, source: string, readOnly: boolean): string {
  const [from, to] = [quoted(source), `.${quoted(path)}`];
  const remount = readOnly ? ` && mount -o remount,bind,ro ${to}` : '';
  return [
    `if [ ! -e ${from} ]; then :;`,
    `elif [ -L ${from} ]; then mkdir -p .${quoted(dirname(path))} && cp -P ${from} ${to};`,
    `else if [ -d ${from} ]; then mkdir -p ${to}; else mkdir -p .${quoted(dirname(path))} && touch ${to}; fi`,
    `&& mount --rbind ${from} ${to}${remount}; fi`,
  ].join(' ');
}

/** Node may lie outside of the system's directories. */
function systemPaths(): readonly string[] {
  const node = dirname(dirname(process.execPath));
  return system.some((path) => node === path || node.startsWith(`${path}/`))
    ? system
    : [...system, node];
}

/** What lies in another one's place comes after it. */
const inside = (mounts: readonly Mount[]) =>
  [...mounts].sort((a, b) => a.path.length - b.path.length);

const assignments = (env: Readonly<Record<string, string>>) =>
  Object.entries(env)
    .map(([name, value]) => quoted(`${name}=${value}`))
    .join(' ');

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

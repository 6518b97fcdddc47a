// A secret that is a variable, or the content of a file that is read again for each connection, so that
// a rotated Secret of Kubernetes is picked up. Never printed: only where it comes from is.

import { readFileSync } from 'node:fs';
import { refused, valueOf, type ConnectionVariable, type Environment } from './variables.js';

export interface Secret {
  /** For people: the variable, and the file. */
  readonly from: string;
  /** Throws BadInputError when the file is gone or empty. */
  read(): string;
}

/** Enough for any password, key or URI; a larger file is another one. */
const secretMaxChars = 16 * 1024;

type WithFile = Extract<
  ConnectionVariable,
  | 'KAFKA_SASL_PASSWORD'
  | 'TEMPORAL_API_KEY'
  | 'MONGODB_URI'
  | 'PROMETHEUS_TOKEN'
  | 'PROMETHEUS_PASSWORD'
>;

/** Undefined when neither `name` nor `name`_FILE is set. Throws BadInputError, also for both. */
export function secretOf(env: Environment, name: WithFile): Secret | undefined {
  const fileVariable = `${name}_FILE` as const;
  const [value, file] = [valueOf(env, name), valueOf(env, fileVariable)];
  if (value !== undefined && file !== undefined) {
    throw refused(fileVariable, `and ${name} are both set`, 'keep one of them');
  }
  if (file !== undefined) {
    const secret = {
      from: `${fileVariable} ${file}`,
      read: () => readSecretFile(fileVariable, file),
    };
    secret.read();
    return secret;
  }
  if (value === undefined) return undefined;
  if (value.trim() === '') throw refused(name, 'is blank');
  return { from: name, read: () => value };
}

/** The content without the line end that editors and `echo` add. */
function readSecretFile(name: ConnectionVariable, file: string): string {
  const content = readText(name, file).replace(/\r?\n$/, '');
  if (content.trim() === '') throw refused(name, `names ${file}, which is empty`);
  if (content.length > secretMaxChars) throw refused(name, `names ${file}, which is no secret`);
  return content;
}

/** Throws BadInputError with the reason, in words. */
export function readText(name: ConnectionVariable, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    const why: Readonly<Record<string, string>> = {
      ENOENT: 'which does not exist',
      EACCES: 'which this process may not read',
      EISDIR: 'which is a directory',
    };
    throw refused(name, `names ${file}, ${why[code] ?? `which cannot be read (${code})`}`);
  }
}

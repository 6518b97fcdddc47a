// Owns: the templates of one service: what its instances are started with, a version for each, and
// the last few of them to go back to. Never starts anything.

import { createHash } from 'node:crypto';
import { templatesKeptMax } from './limits.js';
import type { ServiceSpec, TemplateRequest } from './spec.js';

export interface Template {
  /** Equal for what says the same. */
  readonly version: string;
  readonly spec: ServiceSpec;
}

export interface Templates {
  current(): Template;
  /** What was declared from outside. */
  declare(spec: ServiceSpec): void;
  /** A sentence when it cannot be done. */
  change(to: Omit<TemplateRequest, 'epoch'>): string | undefined;
}

const versionChars = 10;

export function keepTemplates(declared: ServiceSpec): Templates {
  /** Newest last. */
  let known: readonly Template[] = [templateOf(declared)];
  const current = (): Template => known.at(-1) as Template;
  const put = (template: Template): void => {
    const others = known.filter(({ version }) => version !== template.version);
    known = [...others, template].slice(-templatesKeptMax);
  };
  return {
    current,
    declare: (spec) => put(templateOf(spec)),
    change: (to) => {
      if ('image' in to) {
        const { spec } = current();
        if (spec.image === undefined) {
          return 'the service was declared without an image: declare it again with what it shall run';
        }
        put(templateOf({ ...spec, image: String(to.image) }));
        return undefined;
      }
      const { template: wanted } = to as { readonly template: string };
      const found = known.find(({ version }) => version === wanted);
      if (found === undefined) {
        return `no template ${wanted} is known any more: there are ${known.map(({ version }) => version).join(', ')}`;
      }
      put(found);
      return undefined;
    },
  };
}

/** Program, arguments and environment as an instance is started with them. */
export function commandOf({ command, args, image }: ServiceSpec): {
  readonly command: string;
  readonly args: readonly string[];
} {
  const filled = (text: string) => (image === undefined ? text : text.replaceAll('{image}', image));
  return { command: filled(command), args: args.map(filled) };
}

/** Number of instances and grace are no part of it: nobody has to be restarted for them. */
function templateOf(spec: ServiceSpec): Template {
  const { command, args, image, partitions } = spec;
  const env = Object.entries(spec.env).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([command, args, image ?? null, env, partitions]);
  const version = createHash('sha256').update(text).digest('hex').slice(0, versionChars);
  return { version, spec };
}

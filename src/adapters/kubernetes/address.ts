// Owns: where clients reach an instance: a template with placeholders, filled in for each. Checked once,
// at the start. Never looks anything up.

import { BadInputError } from '../../errors.js';

export const defaultAddressTemplate = 'ws://{name}.{service}.{namespace}.svc.cluster.local:8080';

export interface AddressParts {
  /** The pod's: StatefulSet and ordinal. */
  readonly name: string;
  readonly ordinal: number;
  readonly namespace: string;
  readonly service: string;
}

const known = ['name', 'ordinal', 'namespace', 'service'] as const;
const placeholder = /\{([^{}]*)\}/g;

/** Throws BadInputError for a template that cannot give each instance an address of its own. */
export function addressOf(template: string): (parts: AddressParts) => string {
  const used = [...template.matchAll(placeholder)].map(([, name = '']) => name);
  const unknown = used.filter((name) => !(known as readonly string[]).includes(name));
  const fill = (parts: AddressParts) =>
    template.replace(placeholder, (_, name: keyof AddressParts) => String(parts[name]));
  const example = fill({ name: 'a-0', ordinal: 0, namespace: 'n', service: 's' });
  const wrong =
    unknown.length > 0
      ? `it has {${unknown[0]}}, which is no placeholder`
      : !used.includes('name') && !used.includes('ordinal')
        ? 'every instance would have the same address: it needs {name} or {ordinal}'
        : !/^wss?:\/\/[^/]/.test(example) || !URL.canParse(example)
          ? 'it is no ws:// or wss:// address'
          : undefined;
  if (wrong === undefined) return fill;
  throw new BadInputError(`EVENKEEL_ADDRESS_TEMPLATE is ${template}: ${wrong}`, {
    field: 'EVENKEEL_ADDRESS_TEMPLATE',
    found: template,
    allowed: `${known.map((name) => `{${name}}`).join(', ')}, as in ${defaultAddressTemplate}`,
  });
}

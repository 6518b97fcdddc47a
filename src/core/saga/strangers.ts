// Owns: telling who is no instance of a service. StatefulSets run ordinals 0..n-1, so whoever runs, owns
// or holds has an ordinal below a number, `known`; any other name is a stranger's, and there is nothing to
// drain, to fence or to give to others.

import { instanceName, ordinalOf } from '../records.js';

/** `known`: one above the highest ordinal that runs, owns or holds. */
export function isStranger(service: string, name: string, known: number): boolean {
  const ordinal = ordinalOf(name);
  return ordinal === null || instanceName(service, ordinal) !== name || ordinal >= known;
}

/** `m-9 is not an instance of m: there are m-0..m-2`. */
export function strangersText(service: string, names: readonly string[], known: number): string {
  const are = names.length === 1 ? 'is not an instance' : 'are not instances';
  const there =
    known === 0
      ? 'there are none'
      : known === 1
        ? `there is only ${instanceName(service, 0)}`
        : `there are ${instanceName(service, 0)}..${instanceName(service, known - 1)}`;
  return `${names.join(' and ')} ${are} of ${service}: ${there}`;
}

// Owns: lists of instances in what Temporal keeps (heartbeats, failures): the first few and how many more
// there are, because a service may have hundreds. Pure.

const namedMax = 6;

/** `messaging-3, messaging-4 and 190 more`. */
export function namesText(names: readonly string[]): string {
  const first = names.slice(0, namedMax).join(', ');
  const more = names.length - namedMax;
  return more > 0 ? `${first} and ${more} more` : first;
}

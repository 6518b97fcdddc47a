// Owns: whether a plan waits for a person, by policy. Never asks.

/** `never`, `always`, or only above so many clients that would move. */
export type ApprovalPolicy = 'never' | 'always' | { readonly aboveMovedClients: number };

/** Whoever asks in person has approved, a roll with all its steps; what cannot wait is not asked for. */
const neverAsked = ['operator', 'roll', 'instance-lost', 'leave'];

export function needsApproval(
  policy: ApprovalPolicy,
  request: { readonly source: string },
  movedClients: number,
): boolean {
  if (neverAsked.includes(request.source) || policy === 'never') return false;
  return policy === 'always' || movedClients > policy.aboveMovedClients;
}

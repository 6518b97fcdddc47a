// Owns: how many instances run where some are kept warm: beyond the owners so many that run, Ready, and own
// nothing, never more than the policy's maximum, for which there are addresses. Pure.

/** `needed`: ordinals 0..needed-1 are wanted for themselves. At least that many. */
export function withSpares(
  needed: number,
  { spares, max }: { readonly spares: number; readonly max: number },
): number {
  return Math.max(needed, Math.min(needed + spares, max));
}

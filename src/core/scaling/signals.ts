// Owns: what a policy may watch beside connected users, and with which thresholds. Never reads a metric.

/** Signals beside connected users; what they are called in queries and policies, with their units. */
export const signals = ['cpuCores', 'memoryBytes', 'messagesPerSecond'] as const;
export type Signal = (typeof signals)[number];

/** Per instance. Without `lower` a signal asks for no removal, but keeps what its target needs. */
export interface SignalThresholds {
  readonly upper: number;
  readonly target: number;
  readonly lower?: number | undefined;
}

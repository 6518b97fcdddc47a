// Every bound of the chaos runs. Units come last in the name.

/** Instances that a script asks for: each is a process, and the machine has few cores. */
export const instancesMax = 4;
export const instancesFirst = 3;
export const partitions = 360;

/** Nothing happens before: everybody is connected and chats. */
export const quietStartMs = 1_500;
/** Requests, words of a person and faults in ten seconds of a script. */
export const requestsPerTenSeconds = 4;
export const wordsPerTenSeconds = 2;
export const faultsPerTenSeconds = 5;
/** A word, or a fault that is meant for it, comes this long after a request at most: sagas take seconds. */
export const afterRequestMaxMs = 4_000;
/** A time that is taken already is thrown again so often. */
export const throwsMax = 20;

/** Shorter than a lease lives: nobody may notice but by waiting. */
export const shortPauseMs = { min: 200, max: 1_500 } as const;
/** Longer: it is suspected, fenced, and must not say a word when it goes on. */
export const longPauseMs = { min: 3_500, max: 9_000 } as const;
/** Sockets outlast a Kafka that is away for less than 15 s. */
export const kafkaPauseMs = { min: 500, max: 8_000 } as const;
export const mongoPauseMs = { min: 500, max: 10_000 } as const;
export const temporalPauseMs = { min: 500, max: 8_000 } as const;
/** From the end of a program to its next start. */
export const restartAfterMs = { min: 0, max: 3_000 } as const;
/** A program that was started again is left alone this long. */
export const startMs = 6_000;

/** A request, a word or a kill that is not taken by then was not made: what it needs is away. */
export const actWithinMs = 5_000;
/** Pause between two starts of a program that needs what is away; it is started again until it runs. */
export const startAgainMs = 500;

/**
 * From the end of the faults until the service must be whole by itself: a lost instance is named again
 * every 15 s, an undo tries every 10 s, a stalled hand-over is given up after 10 s (below), and up to
 * eight requests that still wait are carried out, some 5 s each on a machine of two cores.
 */
export const graceMs = 90_000;
/** It counts as whole when it has been so for this long. */
export const wholeForMs = 2_000;
export const lookEveryMs = 400;
/** From asking for the next rebalance until it must have ended. */
export const nextWithinMs = 60_000;
/** A fresh client is welcomed within this; so many partitions are asked for. */
export const welcomeWithinMs = 15_000;
export const sampledPartitions = 36;
/** All processes of a service are gone this long after it was told to end. */
export const goneWithinMs = 10_000;

/** Bounds of the policy, shorter than the defaults: what is given up is given up within the grace. */
export const policyBounds = {
  approvalMs: 4_000,
  instanceStartMs: 30_000,
  prepareMs: 15_000,
  notifyMs: 8_000,
  handOverStallMs: 10_000,
  cooldownMs: 2_000,
  cooldownAfterUndoMs: 2_000,
  scheduleEveryMs: 3_000,
  stabilisation: { upMs: 0, downMs: 0, urgentShare: 0.3 },
} as const;

/** The timer by which a machine that stands still is noticed. */
export const stallLookMs = 50;
/** Runs, revisions and decisions that are kept of a seed that failed. */
export const keptMax = 200;

export const clientsDefault = 300;
export const clientsMax = 5_000;
export const seedsDefault = 20;
export const seedsMax = 10_000;
export const secondsDefault = 16;
export const secondsMax = 600;
/** Messages a second of each client. */
export const messagesPerClientSecond = 0.25;
/** More clients in one process delay each other on a busy machine. */
export const clientsPerProcess = 400;

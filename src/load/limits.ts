// Every bound of the load generator and of the swarm. Units come last in the name.

/** Clients that a process starts to connect (or lets go) together; the pause between two groups. */
export const groupClients = 20;
export const groupPauseMs = 60;
/** How often messages are sent; a steady rate comes in small portions. */
export const beatMs = 20;
/** A late beat sends what it missed up to so much, but no flood after a pause of the machine. */
export const catchUpMaxMs = 10 * beatMs;
/** A client writes to so many others, so that every pair has an order to be checked. */
export const contactsMax = 8;
export const pollMs = 20;
/** Joining, leaving and draining end by then, or what is missing is named. */
export const settleWithinMs = 30_000;
/** And joining, longer with so many more clients: a slow machine welcomes some 50 a second. */
export const joinWithinMsPerClient = 20;

/** A message neither answered nor arrived is remembered; beyond so many the oldest is forgotten,
 * which still counts as lost. */
export const unsettledMax = 1_000_000;
/** Windows whose counts go on being kept. */
export const windowsMax = 1_000;
/** Clients of one user. */
export const devicesMax = 8;
/** Names of missing clients in a report; the rest is a number. */
export const missingNamedMax = 20;

/** Longest gap that a histogram can hold. */
export const gapTrackedMaxMs = 600_000;
/** What a process saw goes to its parent this often. */
export const tellEveryMs = 50;
/** And how many of its clients are connected: counting them costs more. */
export const presentEveryMs = 200;
/** From the start of a process until it answers, and from asking until it answers. */
export const startWithinMs = 20_000;
export const answerWithinMs = 10_000;
/** From the polite word to the signal that cannot be refused. */
export const endWithinMs = 3_000;

export const clientsMax = 100_000;
export const messagesPerSecondMax = 50_000;
export const processesMax = 32;
/** More clients than this in one process delay each other: its share when none is given. */
export const clientsPerProcess = 1_000;
export const secondsMax = 7 * 24 * 3_600;
export const progressEveryMs = 5_000;

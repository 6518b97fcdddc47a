// Every bound of the console: viewers, rates, sizes, and how far back it shows. Units come last.

/** The console reads a service this often for all who look at it, and not at all while nobody does: heartbeats
 * of activities reach Temporal no more often. */
export const consoleReadEveryMs = 1_000;
/** A page that hears nothing for 2.5 of these says that the server is lost. */
export const consoleAliveEveryMs = 2_000;
/** Pages that look at once, and of one login: a browser has six connections for a server. */
export const consoleViewersMax = 200;
export const consoleViewersPerLoginMax = 6;
/** A page that is so far behind is let go; it comes back for a fresh picture. */
export const consoleBehindMaxBytes = 1024 * 1024;
/** Logins that are valid at once; the oldest goes. A working day and some. */
export const consoleLoginsMax = 1_000;
export const consoleLoginMs = 12 * 3_600_000;
/** How long a request may take to arrive: its headers, and all of it; it is looked at so often. Whoever sends a
 * byte now and then is let go. */
export const consoleHeadersMs = 10_000;
export const consoleRequestMs = 20_000;
export const consoleArrivalEveryMs = 2_000;
/** A connection over which nothing goes is let go; a stream says something every 2 s. */
export const consoleSilentMs = 60_000;
/** Connections at once: of `consoleViewersMax` pages, each with some beside its stream. Whoever comes then is not
 * answered. */
export const consoleConnectionsMax = 1_000;
/** Wrong tokens of one address or person in a minute, after which none of theirs is looked at; and how many such are
 * remembered: the oldest go. */
export const consoleGuessesPerMinuteMax = 20;
export const consoleGuessersMax = 10_000;
/** Actions per login in a minute. */
export const consoleActionsPerMinuteMax = 30;
/** Plans that are made at once to say what they would cost, and of one login in a minute. */
export const consoleCostsAtOnceMax = 4;
export const consoleCostsPerMinuteMax = 60;
export const consoleBodyMaxBytes = 8 * 1024;
export const consoleNameMaxChars = 80;
export const consoleReasonMaxChars = 400;
/** Shorter ones can be guessed. */
export const consoleTokenMinChars = 16;
/** Pieces of the partition space that a screen can show, and characters of a list of ranges. */
export const consoleSegmentsMax = 1_000;
export const consoleRangesMaxChars = 400;
/** How far back decisions and load go, how many are read for it (one every 2 s), and what is shown. */
export const consolePastMs = 6 * 3_600_000;
export const consoleDecisionsMax = 10_800;
export const consoleDecisionsShownMax = 60;
export const consoleLoadPointsMax = 360;
export const consoleRebalancesMax = 12;
/** Decisions, load and rebalances are read and sent this often at most. */
export const consolePastEveryMs = 4_000;

// Bounds of the watcher: how long silence may last before somebody is asked about. The rest: ../limits.ts.

/** Probes in each lease partition: as often as heartbeats. */
export const probeEveryMs = 500;
/** A probe that is not read back within this says that nothing can be said of others. */
export const probeLateMs = 500;
/** Silence of a suspect: `heartbeatEveryMs` + `probeLateMs` + what an instance may take to find a broker
 * again that was away for so short a time that no probe was late. */
export const suspectAfterMs = 1_500;
/** Silence of somebody who has missed one heartbeat: then a suspect is not alone. */
export const quietAfterMs = 900;
/** After the watcher could not see for a while, silence counts after as long again, within these:
 * instances need up to two seconds, and a heartbeat, to find a broker again that was away. */
export const watchSettleMinMs = 3_000;
export const watchSettleMaxMs = 5_000;
/** Several suspects at once are looked at again after this. */
export const severalSuspectsHeldMs = 3_000;
/** A suspect that is still there is named again. */
export const suspectRepeatMs = 15_000;
/** New services, and instances that say they leave, are looked for this often. */
export const watchServicesEveryMs = 5_000;
export const watchLeavingEveryMs = 1_000;
/** A signal that Temporal did not take is tried again after this. */
export const signalRetryMs = 1_000;

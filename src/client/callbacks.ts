// Owns: that a callback which throws is heard of, and stops nothing. The client has its next wait to
// arm and its other frames to write, whatever an application does with what it is told.

/** Calls it; what it throws is uncaught, as from any event handler, but after this turn. */
export function tell(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

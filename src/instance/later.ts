// Timers of this process behind the port. Handed to whatever must also run in virtual time.

import type { Later } from '../ports.js';

export const later: Later = (run, afterMs) => {
  const timer = setTimeout(run, afterMs);
  return () => {
    clearTimeout(timer);
  };
};

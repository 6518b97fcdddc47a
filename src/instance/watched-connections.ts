// Holds a service to its side of ServiceConnection: one `admit` and one `closed` for each, and `closed` soon
// after it was told that a client has to go, because a partition waits for each of its clients. Tells;
// corrects only what would confuse the machines.

import { closeForgottenMs } from '../limits.js';
import type { ServiceConnection } from './api.js';
import type { OnMistake } from './mistakes.js';

export interface WatchedConnections {
  /** `then` gets what the machines shall talk to; not called for one that is admitted already. */
  admit(connection: ServiceConnection, then: (watching: ServiceConnection) => void): void;
  /** `then` gets what they were talking to; not called for one that they do not know, or not any more. */
  closed(connection: ServiceConnection, then: (watching: ServiceConnection) => void): void;
  stop(): void;
}

export function watchConnections(nowMs: () => number, onMistake: OnMistake): WatchedConnections {
  const watched = new Map<ServiceConnection, ServiceConnection>();
  /** When each was told to go, the longest ago first. */
  const told = new Map<ServiceConnection, number>();

  const toGo = (connection: ServiceConnection): ServiceConnection => {
    if (watched.has(connection) && !told.has(connection)) told.set(connection, nowMs());
    return connection;
  };
  const timer = setInterval(() => {
    const now = nowMs();
    let clients = 0;
    for (const atMs of told.values()) {
      if (now - atMs <= closeForgottenMs) break;
      clients += 1;
    }
    if (clients > 0) onMistake('close-not-told', { clients });
  }, closeForgottenMs / 4);
  timer.unref();

  return {
    admit: (connection, then) => {
      if (watched.has(connection)) return onMistake('admitted-twice');
      const watching: ServiceConnection = {
        welcome: (welcome) => connection.welcome(welcome),
        disconnect: (notice) => toGo(connection).disconnect(notice),
        redirect: (to) => toGo(connection).redirect(to),
        refuse: (code, message) => toGo(connection).refuse(code, message),
        suspend: (suspended) => connection.suspend(suspended),
      };
      watched.set(connection, watching);
      then(watching);
    },
    closed: (connection, then) => {
      const watching = watched.get(connection);
      if (watching === undefined) return onMistake('closed-twice');
      watched.delete(connection);
      told.delete(connection);
      then(watching);
    },
    stop: () => clearInterval(timer),
  };
}

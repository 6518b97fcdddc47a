// Owns: the name that stands in records for whoever runs a command without `--by`.

import { userInfo } from 'node:os';

/** The system's name of the user; where it has none (some containers), its number. */
export function thisUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}

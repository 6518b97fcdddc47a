// How an instance in a Kubernetes pod names its process, and whom it knows to have ended. A pod's UID
// survives a restart of its container, and nothing tells a container which life of its pod it is: so the
// process makes a name of its own and writes it into its termination message, a file that belongs to
// this one life. The kubelet hands the message on when the container has ended, and that is the proof.

import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { incarnationOf, processOf } from './incarnation.js';

/**
 * Throws when the termination message cannot be written: then the process would have no name that the
 * platform can ever tell.
 */
export function lifeInPod(pod: { readonly uid: string; readonly terminationLog: string }): {
  readonly incarnation: string;
  readonly hasEnded: (incarnation: string) => boolean;
} {
  const uid = `${pod.uid}-${randomUUID().slice(0, 8)}`;
  writeFileSync(pod.terminationLog, `${uid}\n`, { flag: 'a' });
  return {
    incarnation: incarnationOf(uid),
    // The kubelet starts a container of a pod again only when the one before has ended.
    hasEnded: (incarnation) => {
      const other = processOf(incarnation);
      return other !== uid && other.startsWith(`${pod.uid}-`);
    },
  };
}

// A welcomed client, as its service gets to see it: whatever the service does, nothing is written or
// published while the instance may not. Never knows what is said.

import { partitionOf } from '../core/murmur2.js';
import type { ClientIdentity } from '../instance/api.js';
import type { OnMistake } from '../instance/mistakes.js';
import { frameMaxBytes } from '../limits.js';
import type { Appender } from '../ports.js';
import { FrameError } from './frames.js';
import type { ServedClient } from './service.js';

/** Appends a record where its key says; resolves with its offset. */
export type Publish = (value: object, key: string) => Promise<number>;

/** What the library says itself, and `message`s that a service has `read`. */
const protocolTypes = new Set(['welcome', 'alive', 'disconnect', 'redirect', 'error']);

export interface ServedSocket extends Pick<
  ServedClient,
  'next' | 'truncated' | 'cameBackAtMs' | 'marksRepeats' | 'maySpeak' | 'stalled' | 'fail'
> {
  readonly publish: Publish;
  readonly onMistake: OnMistake;
  readonly write: (frame: string) => void;
}

export function createServedClient(identity: ClientIdentity, socket: ServedSocket): ServedClient {
  const { partition, user, client } = identity;
  const { maySpeak, onMistake, write, publish, ...rest } = socket;
  return {
    partition,
    user,
    client,
    ...rest,
    maySpeak,
    send: (frame) => {
      if (!maySpeak()) {
        onMistake('spoke-unheld', { partition });
        return false;
      }
      const text = typeof frame === 'string' ? frame : textOf(frame);
      if (text === null) onMistake('protocol-frame');
      else if (isTooLarge(text)) onMistake('frame-too-large', { characters: text.length });
      else {
        write(text);
        return true;
      }
      return false;
    },
    publish: async (value, key = user) => {
      if (maySpeak()) return publish(value, key);
      onMistake('published-unheld', { partition });
      throw new FrameError('unavailable', 'this instance may not write just now');
    },
  };
}

/** Of texts nothing is asked: they are made for many clients, and by whoever knows the protocol. */
function textOf(frame: object): string | null {
  const { type } = frame as { readonly type?: unknown };
  if (typeof type !== 'string' || protocolTypes.has(type)) return null;
  return JSON.stringify(frame);
}

/** A character takes at most three bytes: most frames need no measuring. */
function isTooLarge(text: string): boolean {
  return text.length * 3 > frameMaxBytes && Buffer.byteLength(text) > frameMaxBytes;
}

export function createPublish(appender: Appender, topic: string, partitions: number): Publish {
  return async (value, key) => {
    const partition = partitionOf(key, partitions);
    const [offset] = await appender.append([
      { topic, partition, key, value: JSON.stringify(value) },
    ]);
    return offset as number;
  };
}

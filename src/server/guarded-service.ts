// A service whose hooks may throw: what one throws concerns its client or its record and nobody else, and
// is told as a mistake. What clients did wrong (FrameError) passes: they are told.

import { frameMaxBytes } from '../limits.js';
import { AssertionError, BadInputError } from '../errors.js';
import type { OnMistake } from '../instance/mistakes.js';
import { FrameError } from './frames.js';
import type { ClientHandler, Service } from './service.js';

/** What the protocol's own frames are called. */
const reserved = ['hello', 'moved', 'bye'];

/** Throws BadInputError for a service that cannot work. */
export function guardedService(service: Service, onMistake: OnMistake): Service {
  checkService(service);
  const threw = (hook: string, error: unknown): void => {
    // A bug of ours is none of the service's.
    if (error instanceof AssertionError) throw error;
    if (error instanceof FrameError) return;
    onMistake('hook-threw', {
      hook,
      error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    });
  };
  /** Tells, and answers `otherwise`. */
  const shielded = <A extends unknown[], R>(
    hook: string,
    call: (...given: A) => R,
    otherwise: R,
  ): ((...given: A) => R) => {
    return (...given) => {
      try {
        return call(...given);
      } catch (error) {
        threw(hook, error);
        return otherwise;
      }
    };
  };
  /** Tells, and lets the connection fail. */
  const told = <A extends unknown[], R>(
    hook: string,
    call: (...given: A) => R,
  ): ((...given: A) => R) => {
    const failed = (error: unknown): never => {
      threw(hook, error);
      throw error;
    };
    return (...given) => {
      try {
        const result = call(...given);
        return result instanceof Promise ? (result.catch(failed) as R) : result;
      } catch (error) {
        return failed(error);
      }
    };
  };
  const handlerOf = (handler: ClientHandler): ClientHandler => {
    // Called on their handler, and below on their service: either may be of a class, and use `this`.
    const { frame, resume, gone } = handler;
    return {
      ...(frame && { frame: told('frame', frame.bind(handler)) }),
      ...(resume && { resume: shielded('resume', resume.bind(handler), undefined) }),
      ...(gone && { gone: shielded('gone', gone.bind(handler), undefined) }),
    };
  };
  const { frames, welcomed, onRecord, onForget } = service;
  const read = shielded('read', service.read.bind(service), null);
  const welcome = welcomed && told('welcomed', welcomed.bind(service));
  return {
    read: (record) => {
      const delivery = read(record);
      if (delivery === null) return null;
      if (delivery.frame.length * 3 <= frameMaxBytes) return delivery;
      if (Buffer.byteLength(delivery.frame) <= frameMaxBytes) return delivery;
      onMistake('frame-too-large', { offset: record.offset });
      return null;
    },
    ...(frames && { frames }),
    ...(welcome && {
      welcomed: (client) => {
        const handler = welcome(client);
        return handler ? handlerOf(handler) : undefined;
      },
    }),
    ...(onRecord && { onRecord: shielded('onRecord', onRecord.bind(service), undefined) }),
    ...(onForget && { onForget: shielded('onForget', onForget.bind(service), undefined) }),
  };
}

function checkService(service: Service): void {
  const { frames = [], onRecord, onForget } = service;
  if (typeof service.read !== 'function') {
    throw new BadInputError(
      'the service has no `read`: give one that says of a record for whom it is and what its frame is, or null',
    );
  }
  if (onRecord !== undefined && onForget === undefined) {
    throw new BadInputError(
      'the service has `onRecord` but no `onForget`: what it keeps of a partition would stay after the partition ' +
        'has moved away, and be stale when it comes back; drop it in `onForget(partition)`',
    );
  }
  const taken = frames.find((type) => reserved.includes(type));
  if (taken !== undefined) {
    throw new BadInputError(
      `the service wants frames of type "${taken}", which is the protocol's own: give them another name`,
      { field: 'frames', found: taken },
    );
  }
}

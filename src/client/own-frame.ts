// Owns: which frames an application may say by itself. Never says one.

/** What clients say by the protocol: docs/protocol.md §2. The library says these. */
const protocols = ['hello', 'send', 'moved', 'bye'];

/** @throws TypeError for what is no frame of the service's own. */
export function checkOwnFrame(frame: unknown): void {
  const type = (frame as { type?: unknown } | null | undefined)?.type;
  if (typeof frame !== 'object' || typeof type !== 'string' || type === '') {
    const found = typeof frame === 'object' ? `type ${JSON.stringify(type)}` : typeof frame;
    throw new TypeError(
      `say takes an object whose type your service knows, as { type: 'score' }; found ${found}`,
    );
  }
  if (!protocols.includes(type)) return;
  throw new TypeError(
    `say takes frames of your service's own; "${type}" is the protocol's, as are ${protocols.join(', ')}: ` +
      'messages go by send(to, body), the end by close(), and the rest is said by itself',
  );
}

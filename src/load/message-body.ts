// Owns: how a chat message of the load generator is told from all others: by sender, recipient and a
// number within that pair. The number goes in the body, the rest is in the frame. Pure.

/** A message as both ends know it. */
export interface ChatMessage {
  /** Window in which it was sent. */
  readonly window: number;
  /** User and client: order is promised to each client of a sender. */
  readonly from: string;
  /** User; each of the user's clients gets the message. */
  readonly to: string;
  /** 1, 2, 3 … within sender and recipient. */
  readonly number: number;
}

/** `3.17 hello`: window, number, text. */
const pattern = /^(\d{1,9})\.(\d{1,12}) /;

export function bodyOf({ window, number }: ChatMessage, text: string): string {
  return `${window}.${number} ${text}`;
}

/** Undefined for a body of somebody else. */
export function messageOf(frame: {
  readonly from: string;
  readonly client: string;
  readonly to: string;
  readonly body: string;
}): ChatMessage | undefined {
  const match = pattern.exec(frame.body);
  if (match === null) return undefined;
  const { from, client, to } = frame;
  return { window: Number(match[1]), from: senderOf(from, client), to, number: Number(match[2]) };
}

export function senderOf(user: string, client: string): string {
  return `${user}/${client}`;
}

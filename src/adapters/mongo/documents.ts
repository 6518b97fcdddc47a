// How values of the ports stand in the database: names of protocol.md §5, times as numbers of
// milliseconds under `at`, keys that make a second insert of a number fail.

/** A stored document: key, and `at` in place of `atMs`. */
export type Stored<T extends { readonly atMs: number }> = Omit<T, 'atMs'> & {
  readonly _id: string;
  readonly at: number;
};

export function toStored<T extends { readonly atMs: number }>(_id: string, value: T): Stored<T> {
  const { atMs, ...rest } = value;
  return { _id, ...rest, at: atMs };
}

export function fromStored<T extends { readonly atMs: number }>(stored: Stored<T>): T {
  const { _id, at, ...rest } = stored;
  return { ...rest, atMs: at } as unknown as T;
}

/** `messaging@17`: one document per service and number. */
export function numbered(service: string, number: number): string {
  return `${service}@${number}`;
}

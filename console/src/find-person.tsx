// Owns: where one person is: the partition of a name, who holds it, and whether it moves. Asks nobody: the
// partition is a hash of the name.

import { partitionOf } from '../../src/core/murmur2.js';
import type { Now } from '../../src/console/picture.js';
import { Instance } from './ordinal.js';

export function foundPartition(user: string, partitions: number): number | null {
  return user === '' || partitions === 0 ? null : partitionOf(user, partitions);
}

export function FindPerson(props: {
  readonly now: Now;
  readonly user: string;
  readonly onUser: (user: string) => void;
}) {
  const { now, user, onUser } = props;
  const partition = foundPartition(user, now.partitions);
  const segment =
    partition === null
      ? undefined
      : now.segments.find(([from, to]) => from <= partition && partition <= to);
  return (
    <div class="find">
      <label for="find-user">Where is the user</label>
      <input
        id="find-user"
        type="search"
        value={user}
        placeholder="name"
        autocomplete="off"
        spellcheck={false}
        maxLength={256}
        onInput={(event) => onUser(event.currentTarget.value)}
      />
      <output for="find-user">
        {partition !== null && segment !== undefined && (
          <>
            partition {partition}, on <Instance name={segment[2]} />
            {segment[2] === segment[3] ? (
              ', stays'
            ) : (
              <>
                , moves to <Instance name={segment[3]} />
              </>
            )}
          </>
        )}
      </output>
    </div>
  );
}

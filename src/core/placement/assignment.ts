// The cheapest way to give each row a column of its own: the assignment problem, by shortest augmenting
// paths with potentials (Kuhn 1955, Jonker and Volgenant 1987). Pure arithmetic, O(rows² · columns).

/** The least sum of costs; `cost[row][column]`, all finite, no more rows than columns. */
export function leastAssignment(cost: readonly (readonly number[])[]): number {
  const columns = cost[0]?.length ?? 0;
  const rowPotential = cost.map(() => 0);
  // Column 0 stands for "none": a row begins there.
  const columnPotential = new Array<number>(columns + 1).fill(0);
  const rowOf = new Array<number>(columns + 1).fill(-1);
  for (let row = 0; row < cost.length; row += 1) {
    rowOf[0] = row;
    const least = new Array<number>(columns + 1).fill(Infinity);
    const cameFrom = new Array<number>(columns + 1).fill(0);
    const seen = new Array<boolean>(columns + 1).fill(false);
    let column = 0;
    while (rowOf[column] !== -1) {
      seen[column] = true;
      const current = rowOf[column] as number;
      let delta = Infinity;
      let nearest = 0;
      for (let j = 1; j <= columns; j += 1) {
        if (seen[j] === true) continue;
        const reduced =
          (cost[current]?.[j - 1] as number) -
          (rowPotential[current] as number) -
          (columnPotential[j] as number);
        if (reduced < (least[j] as number)) [least[j], cameFrom[j]] = [reduced, column];
        if ((least[j] as number) < delta) [delta, nearest] = [least[j] as number, j];
      }
      for (let j = 0; j <= columns; j += 1) {
        if (seen[j] === true) {
          const of = rowOf[j] as number;
          rowPotential[of] = (rowPotential[of] as number) + delta;
          columnPotential[j] = (columnPotential[j] as number) - delta;
        } else least[j] = (least[j] as number) - delta;
      }
      column = nearest;
    }
    while (column !== 0) {
      const before = cameFrom[column] as number;
      rowOf[column] = rowOf[before] as number;
      column = before;
    }
  }
  let sum = 0;
  for (let j = 1; j <= columns; j += 1) {
    const row = rowOf[j] as number;
    if (row >= 0) sum += cost[row]?.[j - 1] as number;
  }
  return sum;
}

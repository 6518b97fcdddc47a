// Owns: what movement, evenness and few ranges cost each other: walks of our planner alone at several
// tolerances, over several seeds. Compares nobody.
import type { BenchCase, Figures } from '../report.js';
import { median } from '../timing.js';
import { walk, type Walk } from './walk.js';

export interface Frontier {
  /** The seed is that of the first walk. */
  readonly of: Walk;
  readonly walks: number;
}

export async function frontierCase({ of, walks }: Frontier): Promise<BenchCase> {
  const all: Figures[] = [];
  for (let k = 0; k < walks; k += 1) {
    const { ours } = await walk({ ...of, seed: of.seed + k }, [], 'nobody to compare with');
    all.push(ours);
  }
  const checkpoints = all.flatMap((one) => one['checkpoints'] as Figures[]);
  const most = (key: string, list: readonly Figures[]): number =>
    list.reduce((max, one) => Math.max(max, one[key] as number), 0);
  const means = checkpoints.map((one) => one['rangesPerInstance'] as number);
  const { weighted, ...params } = of;
  return {
    name: `frontier, ${weighted ? 'log-normal' : 'equal'}`,
    params: { ...params, walks },
    ours: {
      ms: median(all.map((one) => one['ms'] as number)),
      movedOverBound: most('movedOverBound', all),
      maxOverMean: most('maxOverMean', all),
      rangesPerInstance: means.reduce((a, b) => a + b, 0) / means.length,
      worstRangesPerInstance: means.reduce((a, b) => Math.max(a, b), 0),
      rangesMax: most('rangesMax', checkpoints),
    },
    peers: [],
  };
}

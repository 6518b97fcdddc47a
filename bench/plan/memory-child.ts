// Owns: the memory that one plan takes, in a process of its own: node --expose-gc memory-child.js
// <scenario> <seed>. The first plan of a fresh process, as the worker and the command line make it.
// Standard output: one JSON object of megabytes.
import { inputOf, planOf } from './ours.js';
import { scenarios, startOf } from './scenarios.js';

const [name, seed] = process.argv.slice(2);
const found = scenarios(false, Number(seed)).filter((scenario) => scenario.name === name);
// The largest of that name.
const scenario = found.sort((a, b) => b.change.partitions - a.change.partitions)[0];
if (scenario === undefined || globalThis.gc === undefined) {
  throw new Error('usage: node --expose-gc memory-child.js <scenario> <seed>');
}
const { gc } = globalThis;
const input = inputOf(scenario.change, startOf(scenario));
void gc();
const inputHeapMb = usedMb();
const rssMb = process.memoryUsage.rss() / 1024 ** 2;
const plan = planOf(input);
const allocatedMb = usedMb() - inputHeapMb;
const peakRssMb = process.resourceUsage().maxRSS / 1024 - rssMb;
void gc();
const heldMb = usedMb() - inputHeapMb;
// The input stays in use to the end, so that its release is not counted in favour of the plan.
const instances = Object.keys(plan.instances).length;
const partitions = input.weights?.length ?? input.partitions;
process.stdout.write(
  `${JSON.stringify({ partitions, instances, allocatedMb, peakRssMb, heldMb })}\n`,
);

/** Heap and the buffers of typed arrays. */
function usedMb(): number {
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 ** 2;
}

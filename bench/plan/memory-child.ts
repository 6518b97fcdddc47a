// Owns: the memory that one plan takes, in a process of its own: node --expose-gc memory-child.js
// <scenario> <seed>. The first plan of a fresh process, as the worker and the command line make it.
// Standard output: one JSON object of megabytes.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inputOf, planOf } from './ours.js';
import { scenarios, startOf } from './scenarios.js';

/** Buffers of dead arrays are released a little after the collection that found them. */
const collections = 4;
const betweenCollectionsMs = 50;

const [name, seed] = process.argv.slice(2);
const found = scenarios(false, Number(seed)).filter((scenario) => scenario.name === name);
// The largest of that name.
const scenario = found.sort((a, b) => b.change.partitions - a.change.partitions)[0];
const collect = globalThis.gc;
if (scenario === undefined || collect === undefined) {
  throw new Error('usage: node --expose-gc memory-child.js <scenario> <seed>');
}
const input = inputOf(scenario.change, startOf(scenario));
await settle();
const [usedBefore, rssBefore] = [usedMb(), process.memoryUsage.rss() / 1024 ** 2];
forgetPeak();
const plan = planOf(input);
const allocatedMb = usedMb() - usedBefore;
const peakRssMb = peakMb() - rssBefore;
await settle();
const heldMb = usedMb() - usedBefore;
// The input stays in use to the end, so that its release is not counted in favour of the plan.
const instances = Object.keys(plan.instances).length;
const partitions = input.weights?.length ?? input.partitions;
const figures = { partitions, instances, allocatedMb, peakRssMb, heldMb };
process.stdout.write(`${JSON.stringify(figures)}\n`);

async function settle(): Promise<void> {
  for (let i = 0; i < collections; i += 1) {
    void collect?.();
    await sleep(betweenCollectionsMs);
  }
}

/** Heap and the buffers of typed arrays. */
function usedMb(): number {
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 ** 2;
}

/** Linux starts its high-water mark anew; elsewhere the mark of the whole process stays. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // The peak is then too high rather than too low.
  }
}

function peakMb(): number {
  try {
    const mark = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (mark !== null) return Number(mark[1]) / 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS / 1024;
}

// Owns: a workflow of a worker with a bug: its code throws within the workflow task.
export async function rebalance(): Promise<void> {
  throw new Error('a planted bug');
}
